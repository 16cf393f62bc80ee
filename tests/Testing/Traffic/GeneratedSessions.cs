using System.Globalization;

namespace RealRelationship.Testing.Traffic;

/// <summary>Invented sessions with two scores each, ten to a patient.</summary>
internal static class GeneratedSessions
{
    public const int ScoresPerSession = 2;
    public const int SessionsPerPatient = 10;
    private const int Therapists = 20;

    /// <summary>The session of a number, whose scores follow from it.</summary>
    public static string Json(string prefix, int number) => Json($"{prefix}{number / SessionsPerPatient}", (number % SessionsPerPatient) + 1, number);

    /// <summary>Sessions one after the other.</summary>
    /// <param name="prefix">How the keys of their patients begin.</param>
    /// <param name="from">The number of the first.</param>
    /// <param name="to">The number after the last.</param>
    public static IEnumerable<string> Lines(string prefix, int from, int to) => Enumerable.Range(from, to - from).Select(number => Json(prefix, number));

    private static string Json(string patient, int session, int seed) => string.Create(CultureInfo.InvariantCulture,
        $$"""{"sourceSystem":"growth","patient":"{{patient}}","therapist":"t{{seed / SessionsPerPatient % Therapists}}","session":"{{patient}}.{{session}}","""
        + $$""" "sessionNumber":{{session}},"occurredAt":"2025-01-01T10:00:00Z","measures":["""
        + $$"""{"sourceId":"{{patient}}.{{session}}.x","version":1,"status":"final","instrument":"rri-c","rater":"client","score":"""
        + $$"""{{1 + seed * 7L % 40 / 10.0}}},{"sourceId":"{{patient}}.{{session}}.y","version":1,"status":"final","instrument":"ses","rater":"client","""
        + $$""" "score":{{1 + seed * 11L % 40 / 10.0}}}]}""");
}
