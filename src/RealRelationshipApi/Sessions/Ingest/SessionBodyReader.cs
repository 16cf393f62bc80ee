using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Sessions.Ingest;

/// <summary>Parses the sessions of a body: one object, an array, or NDJSON.</summary>
internal static class SessionBodyReader
{
    /// <summary>Parses one session or an array. An error in one item of an array does not affect the others.</summary>
    /// <exception cref="JsonException">The body is not JSON, or the single session is malformed.</exception>
    public static (bool IsArray, IReadOnlyList<ParsedSession> Sessions) ReadJson(ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 34 });
        return document.RootElement.ValueKind == JsonValueKind.Array
            ? (true, [.. document.RootElement.EnumerateArray().Select(Read)])
            : (false,
                [new(document.RootElement.Deserialize<SessionRequest>(StrictJson.Options) ?? throw new InvalidJsonValueException("may not be null"), [])]);
    }

    /// <summary>Parses the lines of a stream as they arrive. A truncated stream ends with a malformed line.</summary>
    public static async IAsyncEnumerable<ParsedSession> ReadLinesAsync(PipeReader body, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var line in NdjsonReader.ReadLinesAsync(body, cancellationToken))
        {
            var (session, errors) = line.Parse(ParseSession);
            yield return new(session, errors) { Line = line.Number };
        }
    }

    private static SessionRequest ParseSession(ReadOnlySequence<byte> text)
    {
        var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = 34 });
        var session = JsonSerializer.Deserialize<SessionRequest>(ref reader, StrictJson.Options) ?? throw new InvalidJsonValueException("may not be null");
        return reader.Read() ? throw new JsonException("Something follows the session on its line.") : session;
    }

    private static ParsedSession Read(JsonElement element)
    {
        try
        {
            return new(element.Deserialize<SessionRequest>(StrictJson.Options) ?? throw new InvalidJsonValueException("may not be null"), []);
        }
        catch (JsonException error)
        {
            return new(null, StrictJson.ToErrors(error));
        }
    }
}

/// <summary>A parsed session, or the errors of parsing.</summary>
internal sealed record ParsedSession(SessionRequest? Session, IReadOnlyList<FieldError> Errors)
{
    /// <summary>Line number in a stream, from 1; otherwise 0.</summary>
    public long Line { get; init; }
}
