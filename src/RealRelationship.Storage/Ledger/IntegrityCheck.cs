using System.Data.Common;

namespace RealRelationship.Storage.Ledger;

/// <summary>Holds one part of a store against what else is known of it. Each slice brings the check of its own tables.</summary>
public abstract class IntegrityCheck
{
    /// <summary>What is checked, as a message names it.</summary>
    public abstract string Name { get; }

    /// <summary>Reads its part of the store, in memory that does not grow with it.</summary>
    public abstract void Run(DbConnection connection, VerificationResult result);
}

/// <summary>What the checks of one store found.</summary>
/// <param name="onError">Told of each fault when it is found.</param>
public sealed class VerificationResult(Action<string> onError)
{
    private readonly List<(string Name, string Value)> _facts = [];

    public long ErrorCount { get; private set; }

    /// <summary>What equal stores have alike: counters, counts, fingerprints.</summary>
    public IReadOnlyList<(string Name, string Value)> Facts => _facts;

    /// <param name="sentence">What is wrong, by name or number.</param>
    public void AddError(string sentence)
    {
        ErrorCount++;
        onError(sentence);
    }

    public void AddFact(string name, string value) => _facts.Add((name, value));
}
