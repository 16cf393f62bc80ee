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
    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = 34 };

    /// <summary>Parses one session or an array. An error in one item of an array, or in one measure, does not affect the others.</summary>
    /// <exception cref="JsonException">The body is not JSON.</exception>
    public static (bool IsArray, IReadOnlyList<ParsedSession> Sessions) ReadJson(ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(ByteOrderMark.Skip(body), s_options);
        return document.RootElement.ValueKind == JsonValueKind.Array
            ? (true, [.. document.RootElement.EnumerateArray().Select(Read)])
            : (false, [Read(document.RootElement)]);
    }

    /// <summary>Parses the lines of a stream as they arrive. A truncated stream ends with a malformed line.</summary>
    public static async IAsyncEnumerable<ParsedSession> ReadLinesAsync(PipeReader body, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var line in NdjsonReader.ReadLinesAsync(body, cancellationToken))
        {
            var (session, errors) = line.Parse(ParseLine);
            yield return session is null ? new(null, errors) { Line = line.Number }
                : session with { Errors = [.. session.Errors.Select(e => line.WithNumber(e))], Line = line.Number };
        }
    }

    private static ParsedSession ParseLine(ReadOnlySequence<byte> text)
    {
        try
        {
            var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = s_options.MaxDepth });
            var session = JsonSerializer.Deserialize<SessionRequest>(ref reader, StrictJson.Options) ?? throw new InvalidJsonValueException("may not be null");
            return reader.Read() ? throw new JsonException("Something follows the session on its line.") : new(session, []);
        }
        catch (JsonException error)
        {
            using var document = JsonDocument.Parse(text, s_options);
            return ReadPartially(document.RootElement, error);
        }
    }

    private static ParsedSession Read(JsonElement element)
    {
        try
        {
            return new(element.Deserialize<SessionRequest>(StrictJson.Options) ?? throw new InvalidJsonValueException("may not be null"), []);
        }
        catch (JsonException error)
        {
            return ReadPartially(element, error);
        }
    }

    private static ParsedSession ReadPartially(JsonElement element, JsonException error)
    {
        var (session, errors) = PartialJson.Read<SessionRequest>(element, error);
        return new(session, errors);
    }
}

/// <summary>A parsed session and all errors of its structure.</summary>
/// <param name="Session">Its valid members; null if it could not be parsed at all.</param>
/// <param name="Errors">Errors of structure, in it and in its measures.</param>
internal sealed record ParsedSession(SessionRequest? Session, IReadOnlyList<FieldError> Errors)
{
    /// <summary>Line number in a stream, from 1; otherwise 0.</summary>
    public long Line { get; init; }
}
