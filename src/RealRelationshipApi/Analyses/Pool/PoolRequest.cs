namespace RealRelationshipApi.Analyses.Pool;

internal sealed record PoolRequest : AnalysisRequest;
