using System.Globalization;

namespace Benchmarks.Load;

/// <summary>Arguments of a command.</summary>
internal sealed class CommandLineArguments(IReadOnlyList<string> all)
{
    public bool Has(string name) => all.Contains(name);

    public string? Value(string name) => all.Index().Where(a => a.Item == name && a.Index + 1 < all.Count).Select(a => all[a.Index + 1]).FirstOrDefault();

    public long Number(string name, long otherwise) => Value(name) is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
