namespace RealRelationshipApi.Analyses.Sensitivity;

public sealed record SensitivityRequest : AnalysisRequest;
