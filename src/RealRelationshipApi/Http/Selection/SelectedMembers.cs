namespace RealRelationshipApi.Http.Selection;

/// <summary>Request feature: the members that <c>select</c> names.</summary>
internal sealed class SelectedMembers(MemberSelection selection)
{
    private readonly string[] _paths = selection.Canonical.Split(',');

    /// <summary>The members, equal for equal selections.</summary>
    public string Canonical => selection.Canonical;

    /// <summary>Whether a member, a part of it or the whole that it is part of is selected.</summary>
    public bool Includes(string path) => Array.Exists(_paths, selected => IsWithin(selected, path) || IsWithin(path, selected));

    private static bool IsWithin(string part, string whole) =>
        part == whole || (part.Length > whole.Length && part[whole.Length] == '.' && part.StartsWith(whole, StringComparison.Ordinal));
}
