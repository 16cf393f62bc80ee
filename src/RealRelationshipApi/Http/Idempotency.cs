using System.Collections.Concurrent;
using System.Globalization;

using Dapper;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security;

namespace RealRelationshipApi.Http;

/// <summary>A request that its sender may repeat: digests only, so that nothing of the request is kept.</summary>
public sealed record IdempotentRequest(string Tenant, string KeyDigest, string RequestDigest);

/// <summary>What was answered the first time: the status, and what was made, as <c>status id</c> pairs.</summary>
public sealed record EarlierResponse(int Status, IReadOnlyList<(int Status, string Id)> Items);

/// <summary>Requests with an <c>Idempotency-Key</c> take effect once, however often they are sent.</summary>
public sealed class Idempotency(PrivacyKey privacy, TimeProvider clock)
{
    public const string Header = "Idempotency-Key";
    public const string ReplayedHeader = "Idempotent-Replayed";

    public const int MaxKeyLength = 255;
    private static readonly TimeSpan s_retention = TimeSpan.FromHours(96);

    private readonly ConcurrentDictionary<(string Tenant, string KeyDigest), bool> _inFlight = new();

    /// <summary>Reads the header; null without one, and a problem where it cannot be used.</summary>
    public (IdempotentRequest? Request, Problem? Problem) ReadHeader(HttpContext context, ReadOnlySpan<byte> body)
    {
        ArgumentNullException.ThrowIfNull(context);
        var header = context.Request.Headers[Header];
        if (header.Count == 0)
        {
            return (null, null);
        }

        var key = header.ToString() is ['"', .. var inner, '"'] ? inner : header.ToString();
        if (header.Count > 1 || key.Length is 0 or > MaxKeyLength)
        {
            return (null, Problem.Malformed(new FieldError(Header, ErrorCodes.NotAValue, $"must be one key of 1 to {MaxKeyLength} characters")));
        }

        var tenant = context.User.Tenant();
        var operation = $"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}";
        return (new(tenant, privacy.Digest(KeyPurposes.IdempotencyKey, tenant, key),
            privacy.Digest(KeyPurposes.IdempotencyRequest, operation, Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(body)))), null);
    }

    /// <summary>Runs <paramref name="execute"/> unless the same key is being worked on at this moment.</summary>
    public async Task<IResult> RunExclusiveAsync(IdempotentRequest? request, Func<Task<IResult>> execute)
    {
        ArgumentNullException.ThrowIfNull(execute);
        if (request is null)
        {
            return await execute();
        }

        var inFlightKey = (request.Tenant, request.KeyDigest);
        if (!_inFlight.TryAdd(inFlightKey, true))
        {
            return new Problem(ProblemKind.Conflict, "A request with this Idempotency-Key is still running.") { RetryAfterSeconds = 1 };
        }

        try
        {
            return await execute();
        }
        finally
        {
            _inFlight.TryRemove(inFlightKey, out _);
        }
    }

    /// <summary>The first answer to this request; null when it is new.</summary>
    public static (EarlierResponse? Answer, Problem? Problem) FindEarlierResponse(WriteTransaction transaction, IdempotentRequest? request)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        if (request is null || transaction.Connection.QuerySingleOrDefault<Row>(
            "SELECT request_digest AS RequestDigest, status, ids FROM idempotency WHERE tenant = @Tenant AND key_digest = @KeyDigest", request) is not { } row)
        {
            return (null, null);
        }

        if (row.RequestDigest != request.RequestDigest)
        {
            return (null, new Problem(ProblemKind.Invalid, "This Idempotency-Key was used for another request."));
        }

        return (new((int)row.Status, [.. row.Ids.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(ParseItem)]), null);
    }

    /// <summary>Keeps the answer, in the transaction of the data itself.</summary>
    public void StoreResponse(WriteTransaction transaction, IdempotentRequest? request, int status, IEnumerable<(int Status, string Id)> items)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        if (request is null)
        {
            return;
        }

        transaction.Connection.Enqueue("DELETE FROM idempotency WHERE created_at < @oldest",
            new { oldest = UtcTimestamp.ToText(clock.GetUtcNow() - s_retention) });
        transaction.Connection.Enqueue(
            """
            INSERT INTO idempotency (tenant, key_digest, request_digest, status, ids, created_at)
            VALUES (@Tenant, @KeyDigest, @RequestDigest, @status, @ids, @createdAt)
            """,
            new
            {
                request.Tenant, request.KeyDigest, request.RequestDigest, status,
                ids = string.Join('\n', items.Select(i => string.Create(CultureInfo.InvariantCulture, $"{i.Status} {i.Id}"))),
                createdAt = transaction.Now(),
            });
    }

    private static (int Status, string Id) ParseItem(string line)
    {
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        return (int.Parse(line.AsSpan(0, space), CultureInfo.InvariantCulture), line[(space + 1)..]);
    }

    private sealed record Row(string RequestDigest, long Status, string Ids);
}
