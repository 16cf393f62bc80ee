namespace RealRelationship.Storage.Writing;

/// <summary>What a change of the log did. Stored as <see cref="ChangeKinds"/> says.</summary>
public enum ChangeKind { Submitted, Replaced, Retracted, Reviewed, Measured, Released, Erased, Accessed }

/// <summary>The texts of <see cref="ChangeKind"/> in <c>change.kind</c>. The hash chain covers them, so that none may ever change.</summary>
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
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}
