namespace RealRelationship.Storage.Writing;

/// <summary>Kind of a change in the log, stored as in <see cref="ChangeKinds"/>.</summary>
public enum ChangeKind
{
    Submitted, Replaced, Retracted, Reviewed, Measured, Released, Erased, Accessed, Rescored, Adopted, Issued, Rotated, Revoked, Declared, Withdrawn,
    Coded,
}

/// <summary>Texts of <see cref="ChangeKind"/> in <c>change.kind</c>. The hash chain covers them: they must never change.</summary>
public static class ChangeKinds
{
    public const string Submitted = "submitted";
    public const string Replaced = "replaced";
    public const string Retracted = "retracted";
    public const string Reviewed = "reviewed";
    public const string Measured = "measured";
    public const string Released = "released";
    public const string Erased = "erased";
    public const string Accessed = "accessed";
    public const string Rescored = "rescored";
    public const string Declared = "declared";
    public const string Withdrawn = "withdrawn";

    /// <summary>A coding of a study by a further coder, which is no evidence.</summary>
    public const string Coded = "coded";

    /// <summary>A row of a version that did not record it yet, found by a migration.</summary>
    public const string Adopted = "adopted";

    public const string Issued = "issued";
    public const string Rotated = "rotated";
    public const string Revoked = "revoked";

    /// <exception cref="ArgumentOutOfRangeException">The kind has no text.</exception>
    public static string ToText(ChangeKind kind) => kind switch
    {
        ChangeKind.Submitted => Submitted,
        ChangeKind.Replaced => Replaced,
        ChangeKind.Retracted => Retracted,
        ChangeKind.Reviewed => Reviewed,
        ChangeKind.Measured => Measured,
        ChangeKind.Released => Released,
        ChangeKind.Erased => Erased,
        ChangeKind.Accessed => Accessed,
        ChangeKind.Rescored => Rescored,
        ChangeKind.Adopted => Adopted,
        ChangeKind.Issued => Issued,
        ChangeKind.Rotated => Rotated,
        ChangeKind.Revoked => Revoked,
        ChangeKind.Declared => Declared,
        ChangeKind.Withdrawn => Withdrawn,
        ChangeKind.Coded => Coded,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}
