namespace RealRelationshipApi.Evidence;

// The values of filters in the contract's names, the default first.

internal enum LevelChoice { BetweenClient, WithinClient, BetweenTherapist, All }

internal enum PooledStudyKind { Primary, SiteSummary }

internal enum SyntheticChoice { Include, Exclude, Only }

internal enum SourceChoice { Studies, Sessions, All }
