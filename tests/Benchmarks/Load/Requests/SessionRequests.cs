using Benchmarks.Load.RawHttp;

using RealRelationship.Testing.Traffic;

namespace Benchmarks.Load.Requests;

/// <summary>Sessions of a clinic.</summary>
internal static class SessionRequests
{
    /// <summary>A new session each time, ten to a patient.</summary>
    public static RequestSource NewSessions(string prefix) =>
        RequestSource.Numbered(i => RawHttpRequest.Post("/sessions", RawHttpRequest.Json, GeneratedSessions.Json(prefix, (int)i)), 201);
}
