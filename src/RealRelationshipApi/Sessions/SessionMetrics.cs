using System.Diagnostics.Metrics;

using RealRelationship.Storage;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Sessions.Imports;

namespace RealRelationshipApi.Sessions;

/// <summary>Counts background imports by outcome. Measures and releases are counted where they become durable.</summary>
internal static class SessionMetrics
{
    private static readonly Counter<long> s_imports = ServiceMeter.Meter.CreateCounter<long>("realrelationship.imports", null,
        "Streams of sessions that were stored in the background, by how they ended.");

    public static void RecordImport(ImportState state) => s_imports.Add(1, new KeyValuePair<string, object?>("state", EnumNames<ImportState>.Of(state)));
}
