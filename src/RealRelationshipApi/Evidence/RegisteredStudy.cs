using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Evidence;

/// <summary>A study without a usable coefficient.</summary>
internal sealed class RegisteredStudy(StudyRecord study)
{
    public StudyRecord Study => study;

    /// <summary>The study as one row without numbers, which filters of studies can read.</summary>
    public EvidenceSegment Segment { get; } = EvidenceSegment.Build([study with { Effects = [EffectOf(study)] }]).Single();

    /// <summary>The sample whose vote it casts.</summary>
    public string Sample => SampleOf(study);

    /// <inheritdoc cref="Sample"/>
    public static string SampleOf(StudyRecord study) => study.Registered?.Sample ?? study.Key;

    private static EffectRecord EffectOf(StudyRecord study) => new()
    {
        Key = "registered",
        Sample = SampleOf(study),
        Statistic = new Statistic { Type = StatisticType.Effect },
        RelationshipMeasure = "",
        OutcomeMeasure = "",
        OutcomeDirection = OutcomeDirection.HigherIsBetter,
        Level = EffectLevel.BetweenClient,
        Stored = StoredEffect.NoNumbers,
    };
}
