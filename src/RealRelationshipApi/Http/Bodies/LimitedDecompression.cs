using Microsoft.AspNetCore.RequestDecompression;

namespace RealRelationshipApi.Http.Bodies;

/// <summary>Decompresses request bodies within the limits of <see cref="LimitOptions"/>; 415 for an unknown Content-Encoding, 400 for corrupt data,
/// 413 beyond a limit.</summary>
internal static class LimitedDecompression
{
    public static IServiceCollection AddLimitedDecompression(this IServiceCollection services, LimitOptions limits)
    {
        // Otherwise a truncated compressed stream would end without an error.
        AppContext.SetSwitch("System.IO.Compression.UseStrictValidation", true);
        return services.AddRequestDecompression(decompression =>
        {
            foreach (var (encoding, provider) in decompression.DecompressionProviders.ToList())
            {
                decompression.DecompressionProviders[encoding] = new LimitedProvider(provider, limits);
            }
        });
    }

    public static IApplicationBuilder UseLimitedDecompression(this IApplicationBuilder app) => app
        .UseRequestDecompression()
        .Use((context, next) => context.Request.Headers.ContentEncoding.Count == 0
            ? next(context)
            : new Problems.Problem(Problems.ProblemKind.UnsupportedMediaType, "The Content-Encoding must be gzip, br or deflate.").ExecuteAsync(context));

    private sealed class LimitedProvider(IDecompressionProvider provider, LimitOptions limits) : IDecompressionProvider
    {
        public Stream GetDecompressionStream(Stream stream)
        {
            var compressed = new CountingReadStream(stream);
            return new LimitedStream(provider.GetDecompressionStream(compressed), compressed, limits);
        }
    }

    private sealed class CountingReadStream(Stream stream) : ReadOnlyStream
    {
        public long Count { get; private set; }

        public override int Read(Span<byte> buffer) => Add(stream.Read(buffer));

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Add(await stream.ReadAsync(buffer, cancellationToken));

        private int Add(int read)
        {
            Count += read;
            return read;
        }
    }

    private sealed class LimitedStream(Stream decompressed, CountingReadStream compressed, LimitOptions limits) : ReadOnlyStream
    {
        // The ratio is not checked up to this length, since short bodies may be repetitive.
        private const long MinBytesForRatio = 1024 * 1024;

        private long _count;

        public override int Read(Span<byte> buffer)
        {
            try
            {
                return Add(decompressed.Read(buffer));
            }
            catch (InvalidOperationException error)
            {
                throw Corrupt(error);
            }
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                return Add(await decompressed.ReadAsync(buffer, cancellationToken));
            }
            catch (InvalidOperationException error)
            {
                throw Corrupt(error);
            }
        }

        protected override void Dispose(bool disposing)
        {
            decompressed.Dispose();
            base.Dispose(disposing);
        }

        // BrotliStream reports corrupt data by another exception.
        private static InvalidDataException Corrupt(InvalidOperationException error) => new(error.Message, error);

        private int Add(int read)
        {
            _count += read;
            if (_count > limits.MaxDecompressedBytes)
            {
                throw TooLarge($"The decompressed body is longer than {limits.MaxDecompressedBytes} bytes.");
            }

            return _count <= MinBytesForRatio || _count / limits.MaxDecompressionRatio <= compressed.Count ? read
                : throw TooLarge($"The decompressed body is more than {limits.MaxDecompressionRatio} times as long as what was sent.");
        }

        private static BadHttpRequestException TooLarge(string message) => new(message, StatusCodes.Status413PayloadTooLarge);
    }
}
