using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;

namespace RealRelationshipApi.Http.Bodies;

/// <summary>Limits the number of values of a JSON body, each of which takes much more memory than its text; 413 beyond it.</summary>
internal static class JsonValueLimit
{
    /// <summary>Counts values by their commas, and lines of NDJSON by their ends. Streams are read in constant memory and not counted.</summary>
    public static IApplicationBuilder UseJsonValueLimit(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        var type = context.Request.ContentType ?? "";
        var isLines = type.Contains("ndjson", StringComparison.OrdinalIgnoreCase);
        var isStream = isLines && context.GetEndpoint()?.Metadata.GetMetadata<IRequestSizeLimitMetadata>() is { MaxRequestBodySize: null };
        if (type.Contains("json", StringComparison.OrdinalIgnoreCase) && !isStream
            && context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != false)
        {
            var limits = context.RequestServices.GetRequiredService<IOptions<LimitOptions>>().Value;
            context.Request.Body = new CountingStream(context.Request.Body, limits.MaxBodyValues, isLines);
        }

        return next(context);
    });

    private sealed class CountingStream(Stream body, long maxValues, bool countsLines) : ReadOnlyStream
    {
        private long _values;

        public override int Read(Span<byte> buffer)
        {
            var read = body.Read(buffer);
            Count(buffer[..read]);
            return read;
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await body.ReadAsync(buffer, cancellationToken);
            Count(buffer.Span[..read]);
            return read;
        }

        private void Count(ReadOnlySpan<byte> read)
        {
            _values += read.Count((byte)',') + (countsLines ? read.Count((byte)'\n') : 0);
            if (_values > maxValues)
            {
                throw new BadHttpRequestException($"The body has more than {maxValues} values.", StatusCodes.Status413PayloadTooLarge);
            }
        }
    }
}
