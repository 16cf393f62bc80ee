using System.Text.Json.Nodes;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Studies.Csv;

internal enum CsvCellType { Text, Number, Boolean, Choice, List, NumberList, Json, Moderator }

/// <summary>A column of the effects table, with the JSON path of its value in a study or in an effect.</summary>
internal sealed record StudyCsvColumn(string Name, CsvCellType Kind, bool IsStudyLevel, string[] Path)
{
    /// <summary>Values of a choice.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>Value of the column in a study or an effect; null if absent.</summary>
    public JsonNode? ValueIn(JsonNode json) => Path.Aggregate((JsonNode?)json, (node, member) => node?[member]);
}

/// <summary>The columns of the effects table, for reading and writing.</summary>
internal static class StudyCsvColumns
{
    public const string ModeratorPrefix = "moderators.";

    /// <summary>Separator of list items within a cell.</summary>
    public const char ListSeparator = ';';

    /// <summary>Computed columns, first for R users; ignored when read back.</summary>
    public static readonly string[] LeadingColumns = ["yi", "vi", "r", "n"];

    /// <summary>Computed column of notes; ignored when read.</summary>
    public const string NotesColumn = "notes";

    public static IReadOnlyList<StudyCsvColumn> All { get; } =
    [
        Study("study", CsvCellType.Text, "key"),
        Effect("key"), Effect("sample"),
        Study("citation.authors"), Study("citation.year", CsvCellType.Number), Study("citation.title"), Study("citation.doi"),
        Study("citation.journal"), Study("citation.volume"), Study("citation.issue"), Study("citation.pages"), Study("citation.pmid"), Study("citation.url"),
        Choice<StudyKind>("kind", isStudyLevel: true), Study("synthetic", CsvCellType.Boolean), Study("published", CsvCellType.Boolean),
        Choice<StudyDesign>("design", isStudyLevel: true), Study("country"), Study("setting"),
        Study("therapists", CsvCellType.Number), Study("note"), Study("riskOfBias", CsvCellType.Json),
        Choice<StatisticType>("statistic.type"),
        .. Numbers("value", "n", "n1", "n2", "df", "df1", "df2", "sign", "covariates", "rSquared", "se", "tails"),
        Choice<OddsRatioContrast>("statistic.contrast"), Choice<Dichotomized>("statistic.dichotomized"),
        Effect("statistic.proportions", CsvCellType.NumberList),
        .. Numbers("lower", "upper", "confidence", "yi", "vi", "r", "k", "from", "to", "a", "b", "c", "d", "mean1", "sd1", "mean2", "sd2"),
        Choice<OutcomeType>("outcomeType"), Choice<Rater>("relationshipRater"), Choice<Rater>("outcomeRater"), Effect("relationshipMeasure"),
        Effect("relationshipScale"), Effect("outcomeMeasure"), Effect("outcomeScale"), Choice<OutcomeDirection>("outcomeDirection"),
        Choice<EffectLevel>("level"), Choice<EffectTiming>("timing"), Effect("sessions", CsvCellType.Number),
        Effect("relationshipReliability", CsvCellType.Number), Effect("outcomeReliability", CsvCellType.Number), Effect("adjustedFor", CsvCellType.List),
        Effect("dyads", CsvCellType.Number), Effect("effectTherapists", CsvCellType.Number, "therapists"),
        Effect("source.page"), Effect("source.table"), Effect("source.figure"), Effect("source.quote"), Effect("source.url"), Effect("source.derivation"),
        Effect("coding.coder"), Effect("coding.date"), Choice<CodingCertainty>("coding.certainty"),
    ];

    private static StudyCsvColumn Study(string name, CsvCellType kind = CsvCellType.Text, string? path = null) =>
        new(name, kind, true, (path ?? name).Split('.'));

    private static StudyCsvColumn Effect(string name, CsvCellType kind = CsvCellType.Text, string? path = null) =>
        new(name, kind, false, (path ?? name).Split('.'));

    private static StudyCsvColumn Choice<T>(string name, bool isStudyLevel = false) where T : struct, Enum =>
        new(name, CsvCellType.Choice, isStudyLevel, name.Split('.')) { Choices = EnumNames<T>.All };

    private static IEnumerable<StudyCsvColumn> Numbers(params IEnumerable<string> members) => members.Select(m => Effect($"statistic.{m}", CsvCellType.Number));
}
