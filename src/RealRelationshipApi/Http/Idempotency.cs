using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Http;

/// <summary>A request with an <c>Idempotency-Key</c>, as keyed digests: its content is not stored.</summary>
internal sealed record IdempotentRequest(string Tenant, string KeyDigest, string RequestDigest);

/// <summary>The response to the first request with a key: its status, and a status and an id for each item.</summary>
internal sealed record StoredResponse(int Status, IReadOnlyList<(int Status, string Id)> Items);

/// <summary>Requests with an <c>Idempotency-Key</c> take effect once; repetitions within 96 hours replay the first response.</summary>
internal sealed class Idempotency(PrivacyKey privacy, GroupCommitWriter writer, TimeProvider clock)
{
    public const string Header = "Idempotency-Key";
    public const string ReplayedHeader = "Idempotent-Replayed";

    public const int MaxKeyLength = 255;
    private readonly ConcurrentDictionary<(string Tenant, string KeyDigest), bool> _inFlight = new();

    /// <summary>Reads the header: null if it is absent, a problem if the key is invalid.</summary>
    public (IdempotentRequest? Request, Problem? Problem) ReadHeader(HttpContext context, string tenant, ReadOnlySpan<byte> body)
    {
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

        var operation = $"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}";
        return (new(tenant, privacy.Digest(KeyPurposes.IdempotencyKey, tenant, key),
            privacy.Digest(KeyPurposes.IdempotencyRequest, operation, Convert.ToHexString(SHA256.HashData(body)))), null);
    }

    /// <summary>Executes a write, or replays the response to an earlier request with the same key.</summary>
    /// <param name="context">Its response gets the header <c>Idempotent-Replayed</c> for a replay.</param>
    /// <param name="request">Result of <see cref="ReadHeader"/>; null executes the write unconditionally.</param>
    /// <param name="write">The write, in the transaction that stores its response.</param>
    /// <param name="toStored">Converts the outcome for storage; returns null for a rejected write, so that its key can be used again.</param>
    /// <param name="replay">Rebuilds the outcome from the stored response.</param>
    /// <exception cref="TamperedDataException">The stored response was edited.</exception>
    /// <returns>The outcome, or a problem: 409 while the first request is running, 422 if the key was used for another request.</returns>
    public async Task<(T? Outcome, Problem? Problem)> ExecuteOnceAsync<T>(HttpContext context, IdempotentRequest? request, ClaimingWrite<T> write,
        Func<T, StoredResponse?> toStored, Func<WriteTransaction, StoredResponse, T> replay) where T : class
    {
        if (request is null)
        {
            return (await writer.WriteAsync(write, context.RequestAborted), null);
        }

        if (!_inFlight.TryAdd((request.Tenant, request.KeyDigest), true))
        {
            return (null, new Problem(ProblemKind.Conflict, "A request with this Idempotency-Key is still running.") { RetryAfterSeconds = 1 });
        }

        try
        {
            var (outcome, problem, isReplayed) = await writer.WriteAsync(new IdempotentWrite<T>(request, write, toStored, replay, clock),
                context.RequestAborted);
            if (isReplayed)
            {
                context.Response.Headers[ReplayedHeader] = "true";
            }

            return (outcome, problem);
        }
        finally
        {
            _inFlight.TryRemove((request.Tenant, request.KeyDigest), out _);
        }
    }

    /// <summary>The same for a write that claims nothing in advance.</summary>
    public Task<(T? Outcome, Problem? Problem)> ExecuteOnceAsync<T>(HttpContext context, IdempotentRequest? request, Func<WriteTransaction, T> execute,
        Func<T, StoredResponse?> toStored, Func<WriteTransaction, StoredResponse, T> replay) where T : class =>
        ExecuteOnceAsync(context, request, new UnclaimedWrite<T>(execute), toStored, replay);
}
