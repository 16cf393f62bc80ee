namespace RealRelationshipApi.Analyses.Sensitivity;

internal sealed record SensitivityRequest : AnalysisRequest;
