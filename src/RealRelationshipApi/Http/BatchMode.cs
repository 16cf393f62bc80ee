namespace RealRelationshipApi.Http;

/// <summary>How a batch is processed.</summary>
/// <param name="Atomic">Stores all items or none.</param>
/// <param name="ValidateOnly">Runs every check and stores nothing.</param>
internal readonly record struct BatchMode(bool Atomic, bool ValidateOnly)
{
    public const int MaxAtomicItems = 10_000;

    public static readonly QueryParameter AtomicParameter = new("atomic", QueryParameterType.Boolean,
        $"Stores all items or none; at most {MaxAtomicItems} items.")
    { Default = "false" };

    public static readonly QueryParameter ValidateOnlyParameter =
        new("validateOnly", QueryParameterType.Boolean, "Validates the request without storing anything.") { Default = "false" };

    public static BatchMode From(QueryReader query) => new(query.Boolean(AtomicParameter.Name) ?? false, query.Boolean(ValidateOnlyParameter.Name) ?? false);

    /// <summary>Status of an item after a batch: accepted ones get 200 if nothing is stored on request, 424 if other items prevented it.</summary>
    public int StatusOf(int status, bool isAccepted, bool isBatchAccepted) => !isAccepted ? status
        : ValidateOnly ? StatusCodes.Status200OK
        : Atomic && !isBatchAccepted ? StatusCodes.Status424FailedDependency
        : status;

    /// <summary>Status of the response to a batch: 201 if all items were accepted and some are new, 200 if none is new, 207 otherwise.</summary>
    public static int StatusOf(long created, long rejected) => rejected > 0 ? StatusCodes.Status207MultiStatus
        : created > 0 ? StatusCodes.Status201Created
        : StatusCodes.Status200OK;
}
