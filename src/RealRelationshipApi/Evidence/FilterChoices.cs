namespace RealRelationshipApi.Evidence;

// The values of filters in the contract's names, the default first.

public enum LevelChoice { BetweenClient, WithinClient, BetweenTherapist, All }

public enum PooledStudyKind { Primary, SiteSummary }

public enum SyntheticChoice { Include, Exclude, Only }

public enum SourceChoice { Studies, Sessions, All }
