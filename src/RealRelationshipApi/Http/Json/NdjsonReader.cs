using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;

using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Http.Json;

/// <summary>A line of NDJSON.</summary>
/// <param name="Number">Line number from 1, counting blank lines.</param>
/// <param name="Text">UTF-8 text without the line break.</param>
internal readonly record struct NdjsonLine(long Number, ReadOnlySequence<byte> Text)
{
    /// <summary>Parses the line; errors name the line number.</summary>
    public (T? Value, IReadOnlyList<FieldError> Errors) Parse<T>(Func<ReadOnlySequence<byte>, T> parse)
    {
        try
        {
            return (parse(Text), []);
        }
        catch (JsonException error)
        {
            return (default, [.. StrictJson.ToErrors(error).Select(WithNumber)]);
        }
    }

    /// <summary>The error, whose detail names the line.</summary>
    public FieldError WithNumber(FieldError error) => error with { Detail = $"line {Number}: {error.Detail}" };
}

/// <summary>Splits NDJSON into lines, skipping blank ones.</summary>
internal static class NdjsonReader
{
    public const int MaxLineBytes = 1024 * 1024;

    /// <summary>The lines of a body in memory.</summary>
    public static IEnumerable<NdjsonLine> ReadLines(ReadOnlyMemory<byte> body)
    {
        var buffer = new ReadOnlySequence<byte>(body);
        for (long number = 1; TryReadLine(ref buffer, isLast: true, out var text); number++)
        {
            text = number == 1 ? ByteOrderMark.Skip(text) : text;
            if (!IsBlank(text))
            {
                yield return new(number, text);
            }
        }
    }

    /// <summary>Lines of a stream as they arrive; each is valid until the next one is read. The end of the stream ends the last line.</summary>
    /// <exception cref="BadHttpRequestException">A line is longer than <see cref="MaxLineBytes"/>.</exception>
    public static async IAsyncEnumerable<NdjsonLine> ReadLinesAsync(PipeReader body, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (long number = 1; ;)
        {
            var result = await body.ReadAsync(cancellationToken);
            var buffer = result.Buffer;
            for (; TryReadLine(ref buffer, result.IsCompleted, out var text); number++)
            {
                text = number == 1 ? ByteOrderMark.Skip(text) : text;
                if (!IsBlank(text))
                {
                    yield return new(number, text);
                }
            }

            body.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted)
            {
                yield break;
            }

            if (buffer.Length > MaxLineBytes)
            {
                throw new BadHttpRequestException($"Line {number} is longer than {MaxLineBytes} bytes.", StatusCodes.Status413PayloadTooLarge);
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
}
