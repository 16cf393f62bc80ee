using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;

using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace RealRelationshipApi.Http.Telemetry;

/// <summary>Formats log entries as one JSON object per line, or as readable lines in Development. Each has the trace id that a problem shows as its
/// <c>traceId</c>.</summary>
/// <remarks>Omits scopes, because one of them contains the request path as sent.</remarks>
internal sealed class LogFormatter(IHostEnvironment environment) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "lines";

    private static readonly JsonSerializerOptions s_json = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly bool _isPlainText = environment.IsDevelopment();

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        var line = new LogLine(logEntry.EventId.Id, logEntry.LogLevel.ToString(), logEntry.Category, message, TraceContext.CurrentTraceId,
            logEntry.Exception?.ToString());
        textWriter.WriteLine(_isPlainText ? line.ToPlainText() : JsonSerializer.Serialize(line, s_json));
    }

    private sealed record LogLine(int EventId, string LogLevel, string Category, string Message, string? TraceId, string? Exception)
    {
        public string ToPlainText() =>
            $"{LogLevel}: {Category}{(TraceId is null ? "" : $" [{TraceId}]")}{Environment.NewLine}      "
                + $"{Message}{(Exception is null ? "" : Environment.NewLine + Exception)}";
    }
}

/// <summary>Id of the current trace.</summary>
internal static class TraceContext
{
    public static string? CurrentTraceId => Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? activity.TraceId.ToHexString() : null;
}
