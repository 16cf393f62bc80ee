using System.Collections.Frozen;

using RealRelationshipApi.Http;
using RealRelationshipApi.Studies.Csv;

namespace RealRelationshipApi.Studies.Spreadsheets;

/// <summary>Columns of a spreadsheet of effects: those of the effects table and, in place of <c>statistic.*</c>, the columns of usual coefficients.</summary>
/// <remarks>
/// Headers of metafor and its data sets (<c>ri</c>, <c>ni</c>, <c>yi</c>, <c>vi</c>, <c>sei</c>, <c>slab</c>, <c>ai</c>, <c>m1i</c>, <c>sd1i</c>), JASP
/// (Effect Size, Effect Size Standard Error), Comprehensive Meta-Analysis (Study name, Fisher's Z, Std Err), RevMan's data rows (Study year, GIV Mean,
/// GIV SE, Experimental N, Experimental cases) and the data standard of Metapsy (<c>.g</c>, <c>.g_se</c>, <c>n_arm1</c>) are understood.
/// </remarks>
internal static class SheetColumns
{
    public const string Study = "study";
    public const string Key = "key";
    public const string Sample = "sample";
    public const string Authors = "citation.authors";
    public const string Year = "citation.year";
    public const string Title = "citation.title";
    public const string StatisticType = "statistic.type";
    public const string Direction = "outcomeDirection";

    /// <summary>Columns of coefficients.</summary>
    public static IReadOnlyList<StudyCsvColumn> Coefficients { get; } =
    [
        .. new[]
        {
            "r", "n", "yi", "vi", "sei", "z", "d", "g", "n1", "n2", "kendall", "ai", "bi", "ci", "di", "mean1", "sd1", "mean2", "sd2",
        }.Select(name => new StudyCsvColumn(name, CsvCellType.Number, false, [name])),
    ];

    /// <summary>All columns but the free moderators.</summary>
    public static IReadOnlyList<StudyCsvColumn> All { get; } = [.. StudyCsvColumns.All, .. Coefficients];

    // Of several columns of one member, the first name here is read.
    private static readonly Dictionary<string, string[]> s_otherNames = new()
    {
        [Study] = ["slab", "studyName", "studyLabel", "studyLabels", "studyId", "label", "article", "paper", "trial"],
        [Key] = ["effectKey", "effectId", "esId", "id"],
        [Sample] = ["sampleId", "sampleName"],
        [Authors] = ["authors", "author", "firstAuthor"],
        [Year] = ["year", "pubYear", "publicationYear", "yearOfPublication", "studyYear"],
        ["design"] = ["studyDesign"],
        ["therapists"] = ["numberOfTherapists", "nTherapists"],
        ["note"] = ["comment", "comments"],
        ["r"] = ["ri", "cor", "corr", "correlation", "pearsonR", "rxy"],
        ["n"] = ["ni", "sampleSize", "nTotal", "totalN", "participants", "nobs"],
        ["yi"] = ["es", "effectSize", "givMean", "te", "estimate"],
        ["vi"] = ["variance", "var", "samplingVariance"],
        ["sei"] = ["se", "stdErr", "standardError", "effectSizeStandardError", "effectSizeSe", "seTe", "givSe", "gSe", "dSe"],
        ["z"] = ["zcor", "fisherZ", "fishersZ", "zi"],
        ["d"] = ["cohensD"],
        ["g"] = ["hedgesG", "smd"],
        ["n1"] = ["n1i", "nArm1", "experimentalN", "nTreatment"],
        ["n2"] = ["n2i", "nArm2", "controlN", "nControl"],
        ["kendall"] = ["kendallTau", "kendallsTau", "tauB"],
        ["ai"] = ["experimentalCases"],
        ["ci"] = ["controlCases"],
        ["mean1"] = ["m1i", "meanArm1", "experimentalMean", "meanTreatment"],
        ["sd1"] = ["sd1i", "sdArm1", "experimentalSd", "sdTreatment"],
        ["mean2"] = ["m2i", "meanArm2", "controlMean", "meanControl"],
        ["sd2"] = ["sd2i", "sdArm2", "controlSd", "sdControl"],
        ["outcomeMeasure"] = ["outcomeInstrument"],
        ["relationshipMeasure"] = ["relationshipInstrument"],
        [Direction] = ["direction"],
    };

    // Computed by the programs that export them, or numbers of rows.
    private static readonly FrozenSet<string> s_computed = new[]
    {
        "", "unnamed0", "rownames", "weight", "weights", "relativeWeight", "pValue", "zValue", "lowerLimit", "upperLimit", "ciLb", "ciUb", "ciLower",
        "ciUpper", "ciStart", "ciEnd",
    }.Select(SimilarNames.Normalize).ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, (StudyCsvColumn Column, int Rank)> s_byName = All
        .SelectMany(column => NamesOf(column).Select((name, rank) => (Name: SimilarNames.Normalize(name), Found: (column, rank))))
        .DistinctBy(entry => entry.Name).ToFrozenDictionary(entry => entry.Name, entry => entry.Found, StringComparer.Ordinal);

    /// <summary>Names of a column, its own first. Case and everything but letters and digits do not count.</summary>
    public static IEnumerable<string> NamesOf(StudyCsvColumn column) =>
    [
        column.Name, .. s_otherNames.GetValueOrDefault(column.Name, []),
        // The last part where it is the name of no other column.
        .. column.Name.Split('.') is [not "statistic", var part] && part is not ("date" or "url") && All.All(other => other.Name != part)
            ? [part] : Array.Empty<string>(),
    ];

    /// <summary>The column of that name, and the rank of the name among those of the column; null if unknown.</summary>
    public static (StudyCsvColumn Column, int Rank)? Find(string name) => s_byName.TryGetValue(SimilarNames.Normalize(name), out var found) ? found : null;

    /// <summary>Whether a column has nothing to read: row numbers, and what a program computed from the effects.</summary>
    public static bool IsComputed(string head) => s_computed.Contains(SimilarNames.Normalize(head));
}
