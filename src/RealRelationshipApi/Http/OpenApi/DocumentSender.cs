using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.OpenApi;

using Swashbuckle.AspNetCore.Swagger;

namespace RealRelationshipApi.Http.OpenApi;

/// <summary>Sends the OpenAPI document with an ETag. It is the file that the build writes beside the assembly, without its line breaks and compressed, which is
/// prepared in the background of a start.</summary>
internal sealed class DocumentSender(IServiceProvider services, IResponseCompressionProvider compression) : BackgroundService
{
    private const int ChunkBytes = 16 * 1024;

    // The same for every service of the process. Null where the build was told not to write the file.
    private static readonly Lazy<EncodedDocument?> s_file = new(ReadFile);

    private readonly Lazy<EncodedDocument> _document = new(() => s_file.Value ?? new(Generate(services)));

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Run(() => s_file.Value?.Encode("br"), stoppingToken);

    public async Task SendAsync(HttpContext context)
    {
        var document = _document.Value;
        var response = context.Response;
        response.SetETag(document.ETag);
        response.Headers.Vary = "Accept-Encoding";
        if (context.Request.MatchesIfNoneMatch(document.ETag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        var bytes = document.Json;
        if (compression.GetCompressionProvider(context)?.EncodingName is { } coding)
        {
            bytes = document.Encode(coding);
            response.Headers.ContentEncoding = coding;
        }

        response.ContentType = "application/json;charset=utf-8";
        response.ContentLength = bytes.Length;
        // In chunks, so that a slow reader occupies no more than the buffer of the connection.
        for (var sent = 0; sent < bytes.Length; sent += ChunkBytes)
        {
            await response.Body.WriteAsync(bytes.AsMemory(sent, Math.Min(ChunkBytes, bytes.Length - sent)), context.RequestAborted);
        }
    }

    /// <summary>The document as generated from the endpoints, which takes most of a second.</summary>
    internal static byte[] Generate(IServiceProvider services)
    {
        using var scope = services.CreateScope();
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        scope.ServiceProvider.GetRequiredService<ISwaggerProvider>().GetSwagger(OpenApiDocuments.DocumentName).SerializeAsV31(new OpenApiJsonWriter(text));
        return RemoveWhitespace(Encoding.UTF8.GetBytes(text.ToString()));
    }

    private static EncodedDocument? ReadFile()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "openapi.json");
        return File.Exists(path) ? new(RemoveWhitespace(File.ReadAllBytes(path))) : null;
    }

    private static byte[] RemoveWhitespace(byte[] json)
    {
        using var compact = new MemoryStream(json.Length);
        using (var document = JsonDocument.Parse(json))
        using (var writer = new Utf8JsonWriter(compact, new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            document.WriteTo(writer);
        }

        return compact.ToArray();
    }

    /// <summary>The document and its content codings, each computed once.</summary>
    private sealed class EncodedDocument(byte[] json)
    {
        private readonly Lazy<byte[]> _brotli = new(() => Compress(json, stream => new BrotliStream(stream, CompressionLevel.Optimal)));
        private readonly Lazy<byte[]> _gzip = new(() => Compress(json, stream => new GZipStream(stream, CompressionLevel.Optimal)));

        public byte[] Json => json;

        public string ETag { get; } = $"\"{Convert.ToHexStringLower(SHA256.HashData(json).AsSpan(0, 16))}\"";

        public byte[] Encode(string coding) => (coding == "br" ? _brotli : _gzip).Value;

        private static byte[] Compress(byte[] bytes, Func<Stream, Stream> open)
        {
            using var encoded = new MemoryStream();
            using (var encoder = open(encoded))
            {
                encoder.Write(bytes);
            }

            return encoded.ToArray();
        }
    }
}
