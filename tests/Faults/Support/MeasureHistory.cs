using System.Globalization;

namespace Faults.Support;

/// <summary>All messages of a source system about the measures of one patient, in order.</summary>
/// <param name="Number">Its place among all.</param>
/// <param name="Messages">In order, each once.</param>
internal sealed record MeasureHistory(int Number, IReadOnlyList<MeasureMessage> Messages)
{
    public const string SourceSystem = "clinic";

    private const int MaxMeasures = 4;
    private const int MaxVersions = 4;
    private const double ShareWithdrawn = 0.3;
    private const double ShareMoved = 0.15;
    private const double ShareResent = 0.4;

    private static readonly string[] s_statuses = ["final", "amended", "corrected"];

    public string Name => $"History {Number}";

    /// <summary>Each measure, and the patient whose it is in the end; null when it is withdrawn.</summary>
    public IEnumerable<(string? Patient, string Measure)> CurrentPlacements =>
        LatestMessages.Select(last => (last.IsWithdrawn ? null : last.Patient, last.Measure));

    // A withdrawal follows the version with the same number.
    private IEnumerable<MeasureMessage> LatestMessages => Messages.GroupBy(m => m.Measure, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal)
        .Select(g => g.OrderBy(m => m.Version).ThenBy(m => m.IsWithdrawn).Last());

    public static MeasureHistory Generate(int number, Random random)
    {
        var messages = new List<MeasureMessage>();
        for (var measure = random.Next(1, MaxMeasures + 1); measure > 0; measure--)
        {
            var versions = random.Next(1, MaxVersions + 1);
            var (patient, session) = ($"p{number}", random.Next(1, 4));
            for (var version = 1; version <= versions; version++)
            {
                (patient, session) = random.NextDouble() < ShareMoved ? ($"p{number}-other", session + 1) : (patient, session);
                messages.Add(
                    new($"m{number}-{measure}", version, version == 1 ? "final" : s_statuses[random.Next(s_statuses.Length)], patient, session,
                        measure % 2 == 0, random.Next(0, 28)));
                if (random.NextDouble() < ShareWithdrawn / versions)
                {
                    messages.Add(new($"m{number}-{measure}", version, "enteredInError", patient, session, measure % 2 == 0, 0));
                }
            }
        }

        return new(number, messages);
    }

    /// <summary>The same in another order, some of it more than once.</summary>
    public IReadOnlyList<MeasureMessage> Permuted(Random random)
    {
        MeasureMessage[] all = [.. Messages.SelectMany(m => random.NextDouble() < ShareResent ? new[] { m, m } : [m])];
        random.Shuffle(all);
        return all;
    }

    /// <summary>The expected final state: the highest version, unless it is withdrawn.</summary>
    public string ExpectedState() => string.Join(", ", LatestMessages.Select(last => last.IsWithdrawn
        ? $"{last.Measure} gone"
        : string.Create(CultureInfo.InvariantCulture, $"{last.Measure} v{last.Version} {last.Score}")));
}

/// <summary>One version of one measure.</summary>
internal sealed record MeasureMessage(string Measure, int Version, string Status, string Patient, int Session, bool IsRelationship, int Points)
{
    public bool IsWithdrawn => Status == "enteredInError";

    /// <summary>Of the inventory 1 to 5, of the questionnaire 0 to 27.</summary>
    public double Score => IsRelationship ? 1 + (Points % 9 * 0.5) : Points;

    public string Json() => IsWithdrawn
        ? $$"""{"sourceSystem":"{{MeasureHistory.SourceSystem}}","measures":[{"sourceId":"{{Measure}}","version":{{Version}},"status":"{{Status}}"}]}"""
        : string.Create(CultureInfo.InvariantCulture,
            $$"""{"sourceSystem":"{{MeasureHistory.SourceSystem}}","patient":"{{Patient}}","therapist":"t{{Patient.Length % 3}}","""
            + $$""" "session":"{{Patient}}-s{{Session}}","sessionNumber":{{Session}},"occurredAt":"2026-03-0{{Session}}T10:00:00Z","measures":["""
            + $$"""{"sourceId":"{{Measure}}","version":{{Version}},"status":"{{Status}}","instrument":"{{(IsRelationship ? "rri-c-sf" : "phq-9")}}","""
            + $$""" "rater":"client","score":{{Score}}}]}""");
}
