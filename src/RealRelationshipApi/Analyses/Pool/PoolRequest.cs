namespace RealRelationshipApi.Analyses.Pool;

public sealed record PoolRequest : AnalysisRequest;
