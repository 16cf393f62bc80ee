using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Claims;

using Microsoft.Extensions.Options;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http;

namespace RealRelationshipApi.Security.RateLimiting;

/// <summary>Limits the requests of each caller per minute and per day, over all replicas.</summary>
/// <remarks>
/// Instead of storing each request, a replica leases a twentieth of the limit from the store, and renews the lease when it is used up.
/// While the store is not writable, each replica counts on its own.
/// </remarks>
internal sealed class RequestRateLimiter(GroupCommitWriter writer, PrivacyKey privacy, IOptions<LimitOptions> options, TimeProvider clock)
{
    private const int ReservationsPerLimit = 20;
    private const int MaxTrackedClients = 10_000;

    private readonly RateLimitRule[] _rules =
    [
        .. new RateLimitRule[] { new("minute", options.Value.RequestsPerMinute, TimeSpan.FromMinutes(1)),
            new("day", options.Value.RequestsPerDay, TimeSpan.FromDays(1)) }.Where(rule => rule.Limit > 0),
    ];

    private readonly ConcurrentDictionary<RateLimitClient, RateLimitReservation[]> _allotments = new();

    /// <summary>The value of the <c>RateLimit-Policy</c> header.</summary>
    public string PolicyHeader { get; } = string.Join(", ",
        new (string Name, int Limit, int Seconds)[] { ("minute", options.Value.RequestsPerMinute, 60), ("day", options.Value.RequestsPerDay, 86_400) }
        .Where(rule => rule.Limit > 0).Select(rule => $"\"{rule.Name}\";q={rule.Limit};w={rule.Seconds}"));

    public bool IsEnabled => _rules.Length > 0;

    /// <summary>Counts one request of a caller.</summary>
    internal async Task<RateLimitDecision> AcquireAsync(RateLimitClient client, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (_allotments.Count > MaxTrackedClients)
        {
            EvictExpired(now);
        }

        var allotments = _allotments.GetOrAdd(client, _ => Array.ConvertAll(_rules, rule => new RateLimitReservation(rule)));
        var results = new List<(RateLimitReservation Allotment, bool IsTaken, int Remaining, DateTimeOffset Ends)>(allotments.Length);
        foreach (var allotment in allotments)
        {
            var (isTaken, remaining, ends) = await allotment.AcquireAsync(now, (rule, end) => RequestReservationAsync(client, rule, end, now),
                cancellationToken);
            results.Add((allotment, isTaken, remaining, ends));
        }

        // A rejected request counts under no rule: otherwise retries would use up the daily limit.
        var refusals = results.FindAll(result => !result.IsTaken);
        var returned = refusals.Count > 0 ? 1 : 0;
        foreach (var result in returned > 0 ? results.FindAll(result => result.IsTaken) : [])
        {
            result.Allotment.Return(result.Ends);
        }

        return new(refusals.Count == 0 ? null : refusals.Max(refusal => ToSeconds(refusal.Ends - now)), string.Join(", ", results.Select(result =>
            string.Create(CultureInfo.InvariantCulture, $"\"{result.Allotment.Rule.Name}\";r={result.Remaining + (result.IsTaken ? returned : 0)}"
                + $";t={ToSeconds(result.Ends - now)}"))));
    }

    private async Task<(int Granted, int Taken)> RequestReservationAsync(RateLimitClient client, RateLimitRule rule, DateTimeOffset ends, DateTimeOffset now)
    {
        var share = Math.Max(1, rule.Limit / ReservationsPerLimit);
        // A keyed digest, so that no addresses are stored.
        var digest = privacy.Digest(KeyPurposes.Quota, client.Tenant, client.Actor, client.Address);
        try
        {
            return await writer.WriteAsync(transaction => TakeFromStore(transaction, digest, rule, UtcTimestamp.ToText(ends), UtcTimestamp.ToText(now), share));
        }
        catch (Exception error) when (error is StorageUnavailableException or StorageCorruptionException)
        {
            return (share, share);
        }
    }

    private static (int Granted, int Taken) TakeFromStore(WriteTransaction transaction, string holder, RateLimitRule rule, string ends, string now, int share)
    {
        transaction.Enqueue("DELETE FROM request_lease WHERE ends_at < @now", new { now });
        var taken = transaction.EnqueueQuery<long>("SELECT taken FROM request_lease WHERE holder = @holder AND rule = @Name AND ends_at = @ends",
            new { holder, rule.Name, ends }).Value.SingleOrDefault();
        var granted = (int)Math.Clamp(rule.Limit - taken, 0, share);
        transaction.Enqueue(
            """
            INSERT INTO request_lease (holder, rule, ends_at, taken) VALUES (@holder, @Name, @ends, @granted)
            ON CONFLICT (holder, rule, ends_at) DO UPDATE SET taken = request_lease.taken + excluded.taken
            """,
            new { holder, rule.Name, ends, granted });
        return (granted, (int)taken + granted);
    }

    private void EvictExpired(DateTimeOffset now)
    {
        foreach (var (client, allotments) in _allotments)
        {
            if (Array.TrueForAll(allotments, allotment => allotment.IsExpired(now)))
            {
                _allotments.TryRemove(client, out _);
            }
        }
    }

    private static int ToSeconds(TimeSpan time) => Math.Max(1, (int)Math.Ceiling(time.TotalSeconds));
}

/// <summary>The client whose requests are counted: a key or token, or without either a network address.</summary>
internal readonly record struct RateLimitClient(string Tenant, string Actor, string Address)
{
    public static RateLimitClient For(HttpContext context) => For(context.User, context.Connection.RemoteIpAddress);

    public static RateLimitClient For(ClaimsPrincipal user, IPAddress? address) => user.Actor() is { Length: > 0 } actor ? new(user.Tenant(), actor, "")
        : new(user.Tenant(), "", NetworkOf(address));

    // Who has one IPv6 address has its /64.
    internal static string NetworkOf(IPAddress? address) => address switch
    {
        null => "",
        { IsIPv4MappedToIPv6: true } => address.MapToIPv4().ToString(),
        { AddressFamily: AddressFamily.InterNetworkV6 } => new IPAddress([.. address.GetAddressBytes()[..8], .. new byte[8]]) + "/64",
        _ => address.ToString(),
    };
}

/// <param name="Name">Name of the rule in the headers.</param>
/// <param name="Limit">Requests per window.</param>
/// <param name="Window">Length of a window; aligned to the Unix epoch, so that all replicas have the same windows.</param>
internal sealed record RateLimitRule(string Name, int Limit, TimeSpan Window)
{
    public DateTimeOffset WindowEnd(DateTimeOffset now) => new(now.UtcTicks - (now.UtcTicks % Window.Ticks) + Window.Ticks, TimeSpan.Zero);
}

/// <param name="RetryAfterSeconds">Null if the request is allowed.</param>
/// <param name="RateLimitHeader">The value of the <c>RateLimit</c> header.</param>
internal sealed record RateLimitDecision(int? RetryAfterSeconds, string RateLimitHeader);

/// <summary>The lease of this replica for one caller and one rule.</summary>
internal sealed class RateLimitReservation(RateLimitRule rule)
{
    private readonly Lock _gate = new();
    private DateTimeOffset _windowEnd;
    private int _remaining;
    private int _taken;
    private Task? _renewal;

    public RateLimitRule Rule => rule;

    public bool IsExpired(DateTimeOffset now) => _windowEnd <= now;

    /// <summary>Counts one request. If the lease is used up, concurrent requests wait for the same renewal.</summary>
    public async Task<(bool IsTaken, int Remaining, DateTimeOffset Ends)> AcquireAsync(DateTimeOffset now,
        Func<RateLimitRule, DateTimeOffset, Task<(int Granted, int Taken)>> lease, CancellationToken cancellationToken)
    {
        var ends = rule.WindowEnd(now);
        while (true)
        {
            Task leasing;
            lock (_gate)
            {
                if (ends > _windowEnd)
                {
                    (_windowEnd, _remaining, _taken) = (ends, 0, 0);
                }

                if (_remaining > 0 || _taken >= rule.Limit)
                {
                    var isTaken = _remaining > 0;
                    _remaining -= isTaken ? 1 : 0;
                    return (isTaken, _remaining + Math.Max(0, rule.Limit - _taken), ends);
                }

                leasing = _renewal ??= Task.Run(() => RenewAsync(_windowEnd, lease), CancellationToken.None);
            }

            await leasing.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Takes back one request that <see cref="AcquireAsync"/> counted; without effect after the end of its window.</summary>
    public void Return(DateTimeOffset ends)
    {
        lock (_gate)
        {
            _remaining += ends == _windowEnd ? 1 : 0;
        }
    }

    private async Task RenewAsync(DateTimeOffset ends, Func<RateLimitRule, DateTimeOffset, Task<(int Granted, int Taken)>> lease)
    {
        try
        {
            var (granted, taken) = await lease(rule, ends);
            lock (_gate)
            {
                if (ends == _windowEnd)
                {
                    (_remaining, _taken) = (_remaining + granted, taken);
                }
            }
        }
        finally
        {
            lock (_gate)
            {
                _renewal = null;
            }
        }
    }
}
