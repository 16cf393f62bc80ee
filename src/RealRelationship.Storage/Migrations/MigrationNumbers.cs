namespace RealRelationship.Storage.Migrations;

/// <summary>Numbers of steps with data migrations.</summary>
public static class MigrationNumbers
{
    /// <summary>Step 0011_integrity: rows of release 0.1 that no change recorded become changes of kind <c>adopted</c>, or get a keyed hash.</summary>
    public const long Integrity = 11;

    /// <summary>Step 0015_study_inbox: stored versions of studies get what lists filter, sort and search by.</summary>
    public const long StudyInbox = 15;

    /// <summary>Step 0018_identifiers: ids of responses that were stored by an identifier.</summary>
    public const long Identifiers = 18;
}
