using System.Buffers;
using System.Text;

namespace RealRelationshipApi.Http.Json;

/// <summary>The byte order mark of UTF-8, which some editors and exports put before JSON.</summary>
internal static class ByteOrderMark
{
    /// <summary>The body without the mark.</summary>
    public static ReadOnlyMemory<byte> Skip(ReadOnlyMemory<byte> body) =>
        body.Span.StartsWith(Encoding.UTF8.Preamble) ? body[Encoding.UTF8.Preamble.Length..] : body;

    /// <summary>The text without the mark.</summary>
    public static ReadOnlySequence<byte> Skip(ReadOnlySequence<byte> text) =>
        new SequenceReader<byte>(text).IsNext(Encoding.UTF8.Preamble) ? text.Slice(Encoding.UTF8.Preamble.Length) : text;
}
