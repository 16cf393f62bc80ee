namespace RealRelationshipApi.Studies.Csv;

internal enum CellKind { Text, Number, Flag, List }

/// <summary>A column of the effects table: where its value stands in the JSON of a study or of one of its effects.</summary>
internal sealed record StudyColumn(string Name, CellKind Kind, bool OfStudy, string[] Path);

/// <summary>The one table of columns, by which CSV is both written and read.</summary>
internal static class StudyColumns
{
    public const string Moderators = "moderators.";

    /// <summary>Separates the names of a list inside a cell.</summary>
    public const char ListSeparator = ';';

    /// <summary>What an R user wants first; the service's own, so passed over when read back.</summary>
    public static readonly string[] Front = ["yi", "vi", "r", "n"];

    public static IReadOnlyList<StudyColumn> All { get; } =
    [
        Study("study", CellKind.Text, "key"),
        Effect("key"), Effect("sample"),
        Study("citation.authors"), Study("citation.year", CellKind.Number), Study("citation.title"), Study("citation.doi"),
        Study("kind"), Study("synthetic", CellKind.Flag), Study("published", CellKind.Flag), Study("design"), Study("country"), Study("setting"),
        Study("therapists", CellKind.Number), Study("note"),
        Effect("statistic.type"),
        .. Numbers("value", "n", "n1", "n2", "df", "df1", "df2", "sign", "covariates", "rSquared", "se", "tails"),
        Effect("statistic.contrast"),
        .. Numbers("lower", "upper", "confidence", "yi", "vi", "r", "k", "from", "to"),
        Effect("outcomeType"), Effect("relationshipRater"), Effect("outcomeRater"), Effect("relationshipMeasure"), Effect("relationshipScale"),
        Effect("outcomeMeasure"), Effect("outcomeDirection"), Effect("level"), Effect("timing"),
        Effect("relationshipReliability", CellKind.Number), Effect("outcomeReliability", CellKind.Number), Effect("adjustedFor", CellKind.List),
    ];

    private static StudyColumn Study(string name, CellKind kind = CellKind.Text, string? path = null) => new(name, kind, true, (path ?? name).Split('.'));

    private static StudyColumn Effect(string name, CellKind kind = CellKind.Text) => new(name, kind, false, name.Split('.'));

    private static IEnumerable<StudyColumn> Numbers(params IEnumerable<string> members) => members.Select(m => Effect($"statistic.{m}", CellKind.Number));
}
