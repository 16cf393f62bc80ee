using System.Threading.RateLimiting;

using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Security.Jwt;

/// <summary>Metadata and signing keys of the token issuer, fetched once for all requests.</summary>
/// <remarks>
/// <code>
/// known kid      ─► no request to the issuer; keys older than an hour are fetched again in the background
/// unknown kid    ─► waits for a fetch that begins after the token came, so that the first token of a new key is valid
/// many of them   ─► share the next fetch; after a few in a row it begins up to two seconds later
/// issuer is down ─► the tokens of the next two seconds fail without a fetch
/// </code>
/// </remarks>
internal sealed class IssuerKeys(IOptions<JwtOptions> options, TimeProvider clock, ILogger<IssuerKeys> log)
    : IConfigurationManager<OpenIdConnectConfiguration>, IDisposable
{
    private const int FetchesInARow = 4;
    private static readonly TimeSpan s_fetchInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_fetchTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_retryDelay = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_maxAge = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private readonly HttpClient _client = new() { Timeout = s_fetchTimeout, MaxResponseContentBufferSize = 1024 * 1024 };

    private readonly TokenBucketRateLimiter _fetches = new(new()
    {
        TokenLimit = FetchesInARow, TokensPerPeriod = 1, ReplenishmentPeriod = s_fetchInterval, QueueLimit = 1,
    });

    private OpenIdConnectConfiguration? _configuration;
    private DateTimeOffset _fetchedAt;
    private DateTimeOffset? _failedAt;
    private Task _running = Task.CompletedTask;
    private Task? _next;

    /// <summary>The issuer by its metadata; null until they were fetched.</summary>
    public string? Issuer => _configuration?.Issuer;

    /// <summary>Fetches the keys again unless one of them has this id.</summary>
    /// <exception cref="DependencyUnavailableException">The issuer cannot be reached, so that the key is neither known nor unknown.</exception>
    public async Task EnsureAsync(string keyId, CancellationToken cancellationToken)
    {
        if (HasKey(keyId))
        {
            if (clock.GetUtcNow() - _fetchedAt > s_maxAge && !HasFailedLately)
            {
                _ = FetchNextAsync();
            }

            return;
        }

        if (!HasFailedLately)
        {
            await FetchNextAsync().WaitAsync(cancellationToken);
        }

        if (!HasKey(keyId) && _failedAt is not null)
        {
            throw new DependencyUnavailableException("The issuer of tokens cannot be reached.");
        }
    }

    /// <summary>The last metadata fetched; empty if there are none.</summary>
    public Task<OpenIdConnectConfiguration> GetConfigurationAsync(CancellationToken cancel) => Task.FromResult(_configuration ?? new());

    /// <summary>Without effect: <see cref="EnsureAsync"/> fetches keys.</summary>
    public void RequestRefresh()
    {
    }

    public void Dispose()
    {
        _client.Dispose();
        _fetches.Dispose();
    }

    private bool HasFailedLately => _failedAt is { } failed && clock.GetUtcNow() - failed < s_retryDelay;

    private bool HasKey(string keyId) => _configuration?.SigningKeys.Any(key => key.KeyId == keyId) == true;

    // A running fetch may have read the keys before the caller's was published.
    private Task FetchNextAsync()
    {
        lock (_gate)
        {
            return _next ??= Task.Run(() => FetchAfterAsync(_running));
        }
    }

    private async Task FetchAfterAsync(Task previous)
    {
        await previous;
        using var lease = await _fetches.AcquireAsync();
        lock (_gate)
        {
            (_running, _next) = (_next!, null);
        }

        try
        {
            var address = $"{options.Value.Authority!.TrimEnd('/')}/.well-known/openid-configuration";
            var documents = new HttpDocumentRetriever(_client) { RequireHttps = !options.Value.IsPlainHttp };
            _configuration = await OpenIdConnectConfigurationRetriever.GetAsync(address, documents, CancellationToken.None);
            (_fetchedAt, _failedAt) = (clock.GetUtcNow(), null);
        }
        catch (Exception error) when (error is IOException or InvalidOperationException or HttpRequestException or OperationCanceledException
            or ArgumentException)
        {
            if (_failedAt is null)
            {
                log.LogWarning("The keys of the token issuer cannot be fetched: {Reason}", (error.InnerException ?? error).Message);
            }

            _failedAt = clock.GetUtcNow();
        }
    }
}
