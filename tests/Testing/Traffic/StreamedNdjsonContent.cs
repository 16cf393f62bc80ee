using System.Net;
using System.Text;

namespace RealRelationship.Testing.Traffic;

/// <summary>Lines generated while they are sent, in constant memory.</summary>
internal sealed class StreamedNdjsonContent : HttpContent
{
    private readonly IEnumerable<string> _lines;

    public StreamedNdjsonContent(IEnumerable<string> lines)
    {
        _lines = lines;
        Headers.ContentType = new("application/x-ndjson");
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        foreach (var line in _lines)
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"));
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
