using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Sessions.Ingest;

/// <summary>Reads sessions out of a body: one object, an array, or a line each.</summary>
internal static class SessionBodyReader
{
    public const int MaxLineBytes = 1024 * 1024;

    /// <summary>One session or an array of them; each is read strictly, and a fault of one leaves the others alone.</summary>
    /// <exception cref="JsonException">The body is not JSON, or the single session is malformed.</exception>
    public static (bool IsArray, IReadOnlyList<ParsedSession> Sessions) ReadJson(ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 34 });
        return document.RootElement.ValueKind == JsonValueKind.Array
            ? (true, [.. document.RootElement.EnumerateArray().Select(Read)])
            : (false,
                [new(document.RootElement.Deserialize<SessionRequest>(StrictJson.Options) ?? throw new InvalidJsonValueException("may not be null"), [])]);
    }

    /// <summary>The lines of a stream as they come; empty ones are passed over. A stream that is cut ends with a line that is refused.</summary>
    public static async IAsyncEnumerable<ParsedSession> ReadLinesAsync(PipeReader body,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (long line = 1; ;)
        {
            var result = await body.ReadAsync(cancellationToken);
            var buffer = result.Buffer;
            while (TryReadLine(ref buffer, result.IsCompleted, out var text))
            {
                if (!IsBlank(text))
                {
                    yield return ReadLine(text, line) with { Line = line };
                }

                line++;
            }

            body.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted)
            {
                yield break;
            }

            if (buffer.Length > MaxLineBytes)
            {
                throw new BadHttpRequestException($"Line {line} is longer than {MaxLineBytes} bytes.", StatusCodes.Status413PayloadTooLarge);
            }
        }
    }

    private static bool TryReadLine(ref ReadOnlySequence<byte> buffer, bool isLast, out ReadOnlySequence<byte> line)
    {
        if (buffer.PositionOf((byte)'\n') is { } end)
        {
            line = buffer.Slice(0, end);
            buffer = buffer.Slice(buffer.GetPosition(1, end));
            return true;
        }

        line = buffer;
        if (!isLast || buffer.IsEmpty)
        {
            return false;
        }

        buffer = buffer.Slice(buffer.End);
        return true;
    }

    private static bool IsBlank(ReadOnlySequence<byte> text)
    {
        foreach (var part in text)
        {
            if (!part.Span.Trim(" \t\r"u8).IsEmpty)
            {
                return false;
            }
        }

        return true;
    }

    private static ParsedSession ReadLine(ReadOnlySequence<byte> text, long line)
    {
        try
        {
            var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = 34 });
            var session = JsonSerializer.Deserialize<SessionRequest>(ref reader, StrictJson.Options) ?? throw new InvalidJsonValueException("may not be null");
            return reader.Read() ? throw new JsonException("Something follows the session on its line.") : new(session, []);
        }
        catch (JsonException error)
        {
            return new(null, [.. StrictJson.ToErrors(error).Select(f => f with { Detail = $"line {line}: {f.Detail}" })]);
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
            return new(null, StrictJson.ToErrors(error));
        }
    }
}

/// <summary>A session as it was read, or why it could not be.</summary>
internal sealed record ParsedSession(SessionRequest? Session, IReadOnlyList<FieldError> Errors)
{
    /// <summary>Its place in a stream, from 1; 0 elsewhere.</summary>
    public long Line { get; init; }
}
