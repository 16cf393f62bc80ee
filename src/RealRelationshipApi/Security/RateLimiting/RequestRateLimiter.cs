using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Claims;

using Dapper;

using Microsoft.Extensions.Options;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http;

namespace RealRelationshipApi.Security.RateLimiting;

/// <summary>How many requests each caller may send in a minute and in a day, counted over all replicas.</summary>
/// <remarks>
/// A replica does not write down each request: it takes a share of what is left in the store, and comes back when that is spent.
/// While the store cannot be written to, each replica counts for itself.
/// </remarks>
public sealed class RequestRateLimiter(GroupCommitWriter writer, PrivacyKey privacy, IOptions<LimitOptions> options, TimeProvider clock)
{
    private const int SharesOfLimit = 20;
    private const int ManyHolders = 10_000;

    private readonly RateLimitRule[] _rules =
    [
        .. new RateLimitRule[] { new("minute", options.Value.RequestsPerMinute, TimeSpan.FromMinutes(1)), new("day", options.Value.RequestsPerDay, TimeSpan.FromDays(1)) }.Where(rule => rule.Limit > 0),
    ];

    private readonly ConcurrentDictionary<RateLimitPartition, RateLimitLease[]> _allowances = new();

    /// <summary>What the limits are, as <c>RateLimit-Policy</c> says it.</summary>
    public string Policy { get; } = string.Join(", ", new (string Name, int Limit, int Seconds)[] { ("minute", options.Value.RequestsPerMinute, 60), ("day", options.Value.RequestsPerDay, 86_400) }
        .Where(rule => rule.Limit > 0).Select(rule => $"\"{rule.Name}\";q={rule.Limit};w={rule.Seconds}"));

    public bool HasRules => _rules.Length > 0;

    /// <summary>Takes one request from what a caller has left.</summary>
    internal async Task<RateLimitDecision> TakeAsync(RateLimitPartition holder, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (_allowances.Count > ManyHolders)
        {
            Forget(now);
        }

        var allowances = _allowances.GetOrAdd(holder, _ => Array.ConvertAll(_rules, rule => new RateLimitLease(rule)));
        var left = new List<string>(allowances.Length);
        TimeSpan? wait = null;
        foreach (var allowance in allowances)
        {
            var (isTaken, remaining, ends) = await allowance.TakeAsync(now, (rule, end) => LeaseAsync(holder, rule, end, now), cancellationToken);
            wait = isTaken ? wait : ends - now;
            left.Add(string.Create(CultureInfo.InvariantCulture, $"\"{allowance.Rule.Name}\";r={remaining};t={Seconds(ends - now)}"));
        }

        return new(wait is { } time ? Seconds(time) : null, string.Join(", ", left));
    }

    private async Task<(int Granted, int Taken)> LeaseAsync(RateLimitPartition holder, RateLimitRule rule, DateTimeOffset ends, DateTimeOffset now)
    {
        var share = Math.Max(1, rule.Limit / SharesOfLimit);
        // Nothing of it can be read back.
        var digest = privacy.Digest("quota", holder.Tenant, holder.Actor, holder.Address);
        try
        {
            return await writer.WriteAsync(transaction => Lease(transaction, digest, rule, UtcTimestamp.ToText(ends), UtcTimestamp.ToText(now), share));
        }
        catch (StorageUnavailableException)
        {
            return (share, share);
        }
    }

    private static (int Granted, int Taken) Lease(WriteTransaction transaction, string holder, RateLimitRule rule, string ends, string now, int share)
    {
        transaction.Connection.Execute("DELETE FROM request_lease WHERE ends_at < @now", new { now });
        var taken = transaction.Connection.ExecuteScalar<long?>("SELECT taken FROM request_lease WHERE holder = @holder AND rule = @Name AND ends_at = @ends", new { holder, rule.Name, ends }) ?? 0;
        var granted = (int)Math.Clamp(rule.Limit - taken, 0, share);
        transaction.Connection.Execute(
            """
            INSERT INTO request_lease (holder, rule, ends_at, taken) VALUES (@holder, @Name, @ends, @granted)
            ON CONFLICT (holder, rule, ends_at) DO UPDATE SET taken = request_lease.taken + excluded.taken
            """,
            new { holder, rule.Name, ends, granted });
        return (granted, (int)taken + granted);
    }

    private void Forget(DateTimeOffset now)
    {
        foreach (var (holder, allowances) in _allowances)
        {
            if (Array.TrueForAll(allowances, allowance => allowance.IsOver(now)))
            {
                _allowances.TryRemove(holder, out _);
            }
        }
    }

    private static int Seconds(TimeSpan time) => Math.Max(1, (int)Math.Ceiling(time.TotalSeconds));
}

/// <summary>Whose requests are counted together: those of a key or a token, and without either those of an address.</summary>
internal readonly record struct RateLimitPartition(string Tenant, string Actor, string Address)
{
    public static RateLimitPartition Of(ClaimsPrincipal user, IPAddress? address) => user.Actor() is { Length: > 0 } actor ? new(user.Tenant(), actor, "") : new(user.Tenant(), "", address?.ToString() ?? "");
}

/// <param name="Name">As the headers call it.</param>
/// <param name="Limit">How many requests.</param>
/// <param name="Window">In which time; windows begin at the epoch, so that all replicas have the same.</param>
internal sealed record RateLimitRule(string Name, int Limit, TimeSpan Window)
{
    public DateTimeOffset EndAt(DateTimeOffset now) => new(now.UtcTicks - (now.UtcTicks % Window.Ticks) + Window.Ticks, TimeSpan.Zero);
}

/// <param name="RetryAfterSeconds">When the next request can be taken; null when this one was.</param>
/// <param name="Left">What is left, as <c>RateLimit</c> says it.</param>
internal sealed record RateLimitDecision(int? RetryAfterSeconds, string Left);

/// <summary>What this replica may still let through for one caller under one rule.</summary>
internal sealed class RateLimitLease(RateLimitRule rule)
{
    private readonly Lock _gate = new();
    private DateTimeOffset _ends;
    private int _left;
    private int _taken;
    private Task? _leasing;

    public RateLimitRule Rule => rule;

    public bool IsOver(DateTimeOffset now) => _ends <= now;

    /// <summary>Takes one request; where the share is spent, everybody waits for the same new one.</summary>
    public async Task<(bool IsTaken, int Remaining, DateTimeOffset Ends)> TakeAsync(DateTimeOffset now, Func<RateLimitRule, DateTimeOffset, Task<(int Granted, int Taken)>> lease, CancellationToken cancellationToken)
    {
        var ends = rule.EndAt(now);
        while (true)
        {
            Task leasing;
            lock (_gate)
            {
                if (ends > _ends)
                {
                    (_ends, _left, _taken) = (ends, 0, 0);
                }

                if (_left > 0 || _taken >= rule.Limit)
                {
                    var isTaken = _left > 0;
                    _left -= isTaken ? 1 : 0;
                    return (isTaken, _left + Math.Max(0, rule.Limit - _taken), ends);
                }

                leasing = _leasing ??= Task.Run(() => LeaseAsync(_ends, lease), CancellationToken.None);
            }

            await leasing.WaitAsync(cancellationToken);
        }
    }

    private async Task LeaseAsync(DateTimeOffset ends, Func<RateLimitRule, DateTimeOffset, Task<(int Granted, int Taken)>> lease)
    {
        try
        {
            var (granted, taken) = await lease(rule, ends);
            lock (_gate)
            {
                if (ends == _ends)
                {
                    (_left, _taken) = (_left + granted, taken);
                }
            }
        }
        finally
        {
            lock (_gate)
            {
                _leasing = null;
            }
        }
    }
}
