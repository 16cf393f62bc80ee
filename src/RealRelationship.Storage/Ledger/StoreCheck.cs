using System.Data.Common;

namespace RealRelationshipApi.Storage.Verifying;

/// <summary>Holds one part of a store against what else is known of it. Each slice brings the check of its own tables.</summary>
public abstract class StoreCheck
{
    /// <summary>What is checked, as a message names it.</summary>
    public abstract string Name { get; }

    /// <summary>Reads its part of the store, in memory that does not grow with it.</summary>
    public abstract void Run(DbConnection connection, Findings findings);
}

/// <summary>What the checks of one store found.</summary>
/// <param name="heard">Told of each fault when it is found.</param>
public sealed class Findings(Action<string> heard)
{
    private readonly List<(string Name, string Value)> _said = [];

    public long Faults { get; private set; }

    /// <summary>What equal stores have alike: counters, counts, fingerprints.</summary>
    public IReadOnlyList<(string Name, string Value)> Said => _said;

    /// <param name="sentence">What is wrong, by name or number.</param>
    public void Fault(string sentence)
    {
        Faults++;
        heard(sentence);
    }

    public void Say(string name, string value) => _said.Add((name, value));
}
