using System.Globalization;

using RealRelationship.Storage;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Http;

/// <summary>A write together with its row of the idempotency keys, or the replay of an earlier one.</summary>
internal sealed class IdempotentWrite<T>(IdempotentRequest request, ClaimingWrite<T> write, Func<T, StoredResponse?> toStored,
    Func<WriteTransaction, StoredResponse, T> replay, TimeProvider clock) : ClaimingWrite<(T? Outcome, Problem? Problem, bool IsReplayed)> where T : class
{
    private static readonly TimeSpan s_retention = TimeSpan.FromHours(96);

    private QueuedResult<List<IdempotencyRow>>? _earlier;

    public override string? ClaimKey => write.ClaimKey;

    public override void Claim(WriteTransaction transaction)
    {
        _earlier = IdempotencyRow.EnqueueFind(transaction, request);
        write.Claim(transaction);
    }

    public override bool TryWrite(WriteTransaction transaction)
    {
        if (_earlier!.Value.Count > 0 || !write.TryWrite(transaction))
        {
            return false;
        }

        StoreResult(transaction);
        return true;
    }

    public override void Release(WriteTransaction transaction) => write.Release(transaction);

    public override void Write(WriteTransaction transaction)
    {
        if (IdempotencyRow.Find(transaction, request) is { } stored)
        {
            Result = stored.RequestDigest == request.RequestDigest
                ? (replay(transaction, stored.ToResponse()), null, true)
                : (null, new Problem(ProblemKind.Invalid, "This Idempotency-Key was used for another request."), false);
            return;
        }

        write.Write(transaction);
        StoreResult(transaction);
    }

    private void StoreResult(WriteTransaction transaction)
    {
        if (toStored(write.Result!) is { } response)
        {
            Store(transaction, response);
        }

        Result = (write.Result, null, false);
    }

    private void Store(WriteTransaction transaction, StoredResponse response)
    {
        transaction.EnqueueOnce("DELETE FROM idempotency WHERE created_at < @oldest",
            new { oldest = UtcTimestamp.ToText(clock.GetUtcNow() - s_retention) });
        IdempotencyRow.Insert(transaction, new(request.Tenant, request.KeyDigest, request.RequestDigest, response.Status,
            string.Join('\n', response.Items.Select(i => string.Create(CultureInfo.InvariantCulture, $"{i.Status} {i.Id}"))), transaction.Now(), null));
    }
}
