namespace RealRelationshipApi.Evidence;

// Values of filters by their names in the API, the default first.

internal enum LevelChoice { BetweenClient, WithinClient, BetweenTherapist, All }

internal enum PooledStudyKind { Primary, SiteSummary }

internal enum OutcomeConstructChoice { Outcome, Alliance, Satisfaction, All }

internal enum SyntheticChoice { Auto, Include, Exclude, Only }

internal enum SourceChoice { Studies, Sessions, All }

internal enum BoundsChoice { Exclude, Include }

internal enum ScalesChoice { Total, Parts, All }
