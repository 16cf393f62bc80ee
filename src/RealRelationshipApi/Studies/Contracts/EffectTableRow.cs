using System.Text.Json.Serialization;

namespace RealRelationshipApi.Studies.Contracts;

/// <summary>An effect as a flat row, with the members of its study.</summary>
internal sealed record EffectTableRow : EffectBase
{
    /// <summary><c>studyKey/effectKey</c>.</summary>
    [JsonPropertyOrder(-2)]
    public required string Id { get; init; }

    /// <summary>Fisher z; positive when a stronger relationship goes with better outcome.</summary>
    [JsonPropertyOrder(-1)]
    public required double Yi { get; init; }

    /// <summary>Sampling variance of <c>yi</c>.</summary>
    [JsonPropertyOrder(-1)]
    public required double Vi { get; init; }

    /// <summary>The correlation as it is pooled.</summary>
    [JsonPropertyOrder(-1)]
    public required double R { get; init; }

    /// <summary>Number of participants; null if unknown.</summary>
    [JsonPropertyOrder(-1)]
    public required long? N { get; init; }

    /// <summary>Key of the study.</summary>
    [JsonPropertyOrder(-1)]
    public required string Study { get; init; }

    /// <summary>Whether the effect was converted from another statistic than a correlation.</summary>
    [JsonPropertyOrder(1)]
    public required bool Converted { get; init; }

    /// <summary>Whether the reported sign was reversed, because a higher outcome score was worse.</summary>
    [JsonPropertyOrder(1)]
    [JsonPropertyName("turned")]
    public required bool SignReversed { get; init; }

    /// <inheritdoc cref="StoredEffect.Notes"/>
    [JsonPropertyOrder(1)]
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>The publication.</summary>
    [JsonPropertyOrder(1)]
    public required Citation Citation { get; init; }

    /// <summary>Kind of study.</summary>
    [JsonPropertyOrder(1)]
    public required StudyKind Kind { get; init; }

    /// <summary>Whether the study is invented for illustration.</summary>
    [JsonPropertyOrder(1)]
    public required bool Synthetic { get; init; }

    /// <summary>Whether the study is published.</summary>
    [JsonPropertyOrder(1)]
    public required bool Published { get; init; }

    /// <summary>Design of the study.</summary>
    [JsonPropertyOrder(1)]
    public required StudyDesign? Design { get; init; }

    /// <summary>ISO 3166-1 alpha-2 code of the country.</summary>
    [JsonPropertyOrder(1)]
    public required string? Country { get; init; }

    /// <summary>Where the treatment took place.</summary>
    [JsonPropertyOrder(1)]
    public required string? Setting { get; init; }

    /// <summary>Overall risk of bias of the study.</summary>
    [JsonPropertyOrder(1)]
    public required RiskJudgement? RiskOfBias { get; init; }

    /// <summary>Sort key by study and position; also the cursor of a page.</summary>
    [JsonIgnore]
    public string SortKey { get; init; } = "";

    /// <summary>The study of a row with that sort key.</summary>
    public static string StudyOf(string sortKey) => sortKey.Split('\n')[0];

    public static IEnumerable<EffectTableRow> Of(StudyRecord study)
    {
        return study.Effects.Select((effect, i) => new EffectTableRow
        {
            Id = $"{study.Key}/{effect.Key}", Yi = effect.Stored!.Yi, Vi = effect.Stored.Vi, R = effect.Stored.R, N = effect.Stored.N, Study = study.Key,
            Converted = effect.Stored.Converted, SignReversed = effect.Stored.SignReversed, Notes = effect.Stored.Notes,
            Citation = study.Citation, Kind = study.Kind,
            Synthetic = study.Synthetic,
            Published = study.Published, Design = study.Design, Country = study.Country, SortKey = $"{study.Key}\n{i:D6}",
            Key = effect.Key, Sample = effect.Sample, Statistic = effect.Statistic, OutcomeType = effect.OutcomeType,
            RelationshipRater = effect.RelationshipRater,
            OutcomeRater = effect.OutcomeRater, RelationshipMeasure = effect.RelationshipMeasure, RelationshipScale = effect.RelationshipScale,
            OutcomeMeasure = effect.OutcomeMeasure, OutcomeScale = effect.OutcomeScale,
            OutcomeDirection = effect.OutcomeDirection, Level = effect.Level, Timing = effect.Timing,
            Sessions = effect.Sessions, Dyads = effect.Dyads, Therapists = effect.Therapists ?? study.Therapists, Source = effect.Source,
            Coding = effect.Coding, Setting = study.Setting, RiskOfBias = study.RiskOfBias?.Overall,
            RelationshipReliability = effect.RelationshipReliability, OutcomeReliability = effect.OutcomeReliability, AdjustedFor = effect.AdjustedFor,
            Moderators = effect.Moderators,
        });
    }
}
