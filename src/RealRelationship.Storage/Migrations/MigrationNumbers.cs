namespace RealRelationship.Storage.Migrations;

/// <summary>Numbers of steps with data migrations in several slices.</summary>
public static class MigrationNumbers
{
    /// <summary>Step 0011_integrity: rows of release 0.1 that no change recorded become changes of kind <c>adopted</c>, or get a keyed hash.</summary>
    public const long Integrity = 11;
}
