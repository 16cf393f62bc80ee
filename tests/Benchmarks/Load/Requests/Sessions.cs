using Benchmarks.Load.Wire;

using Faults.Vocabulary;

namespace Benchmarks.Load.Requests;

/// <summary>Sessions of a clinic.</summary>
internal static class Sessions
{
    /// <summary>A new session each time, ten to a patient.</summary>
    public static Asking Posts(string prefix) => Asking.Each(i => Message.Post("/sessions", Message.Json, SentSessions.Json(prefix, (int)i)), 201);
}
