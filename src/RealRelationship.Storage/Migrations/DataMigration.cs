using RealRelationship.Storage.Writing;

namespace RealRelationship.Storage.Migrations;

/// <summary>The part of a migration that SQL cannot do: it runs after the script of the same number, in its transaction. New stores skip it.</summary>
public abstract class DataMigration
{
    /// <summary>Number of the step.</summary>
    public abstract long Number { get; }

    /// <returns>What was changed, in sentences.</returns>
    public abstract IReadOnlyList<string> Apply(WriteTransaction transaction);
}
