using System.Globalization;
using System.Security.Cryptography;
using System.Text;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Instruments;

namespace RealRelationshipApi.Sessions.Csv;

/// <summary>Keys of rows that have none, from their content: the same row has the same key in every file.</summary>
internal static class SessionCsvKeys
{
    /// <summary>Key of the session of a patient on a day.</summary>
    /// <param name="patient">Key of the patient.</param>
    /// <param name="day">Local day.</param>
    /// <param name="slot">Tells two sessions of a day apart; null for the only one.</param>
    public static string Session(string patient, DateOnly day, string? slot) =>
        Derive("session", patient, day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), slot ?? "");

    /// <summary>Key of a score: one per session, instrument, scale and rater.</summary>
    public static string Measure(string patient, string session, MeasureRequest measure) => Derive("measure", patient, session,
        // A name that the site declares is no code: what it stands for may change.
        measure.Named?.Name ?? measure.Instrument?.ToLowerInvariant() ?? "", (measure.Named is { } named ? named.Scale : measure.Scale)?.ToLowerInvariant()
            ?? Instrument.Total,
        measure.Rater is { } rater ? EnumNames<ScoreRater>.Of(rater) : "");

    // The parts are joined by a character that no key may contain.
    private static string Derive(string kind, params string[] parts) =>
        $"{kind}:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts))).AsSpan(0, 20))}";
}
