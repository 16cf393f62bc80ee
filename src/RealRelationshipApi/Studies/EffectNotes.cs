using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Studies;

/// <summary>Notes on the conversion of effects: stable codes, and their texts.</summary>
internal static class EffectNotes
{
    public const string AssumesEqualGroups = "assumesEqualGroups";
    public const string UpperBound = "upperBound";
    public const string VarianceContradictsN = "varianceContradictsN";
    public const string SupersededFormula = "supersededFormula";
    public const string SessionsUnknown = "sessionsUnknown";

    private static readonly Dictionary<string, string> s_details = new()
    {
        [AssumesEqualGroups] = "Group sizes are unknown and assumed to be equal; with unequal groups d differs and its variance is larger.",
        ["designUnknown"] =
            "Only degrees of freedom were reported, so the variance is that of a correlation or slope. For two groups, provide n1 and n2.",
        ["asymmetricInterval"] =
            "The estimate is not in the middle of the reported interval; the variance is based on the wider half if that is larger.",
        ["varianceLowerBound"] =
            "The variance assumes that sessions are independent within clients and is a lower bound; with autocorrelation or random slopes it is 1.4 to 2.2 "
                + "times as large.",
        [SessionsUnknown] = "The number of sessions is unknown, so the variance is based on the number of clients, 1/(n - 3). Provide sessions.",
        [UpperBound] =
            "A continuous variable was dichotomized in unknown proportions, so the correlation could not be corrected. Provide proportions.",
        [VarianceContradictsN] =
            "The variance, or that of the reported interval, is below .8 or above 5 times that of the sample size. A common cause is a standard error given as "
                + "a variance.",
        ["emptyCell"] = "A cell of the 2×2 table is empty, so 1/2 was added to every cell; the variance is an approximation.",
        [SupersededFormula] = "The stored variance is based on an earlier formula. Replace the study to update it.",
    };

    /// <summary>All codes, in the order of warnings.</summary>
    public static IReadOnlyCollection<string> Codes => s_details.Keys;

    public static Warning Of(string code) => new(code, s_details[code]);

    /// <summary>One warning per code, with the number of effects that have it and the ids of the first five.</summary>
    /// <param name="notes">Codes of each effect.</param>
    /// <param name="idOf">Id of the effect at an index.</param>
    public static IEnumerable<Warning> Warnings(IReadOnlyList<IReadOnlyList<string>> notes, Func<int, string> idOf)
    {
        var places = new Dictionary<string, List<int>>();
        for (var i = 0; i < notes.Count; i++)
        {
            foreach (var code in notes[i])
            {
                (places.TryGetValue(code, out var known) ? known : places[code] = []).Add(i);
            }
        }

        return s_details.Where(detail => places.ContainsKey(detail.Key))
            .Select(detail => new Warning(detail.Key, $"{Name(places[detail.Key], notes.Count, idOf)}: {detail.Value}"));
    }

    private static string Name(List<int> places, int all, Func<int, string> idOf) =>
        $"{places.Count} of {all} {(all == 1 ? "effect" : "effects")} ({NameList.Of([.. places.Select(idOf)])})";
}
