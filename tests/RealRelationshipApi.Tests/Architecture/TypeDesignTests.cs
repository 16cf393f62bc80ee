using System.Reflection;
using System.Runtime.CompilerServices;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Architecture;

public sealed class TypeDesignTests
{
    private static readonly Assembly[] s_assemblies =
        [typeof(Program).Assembly, typeof(RealRelationship.Storage.Database).Assembly, typeof(RealRelationship.Statistics.FisherZ).Assembly];

    [Fact]
    public void Classes_are_sealed_unless_designed_for_inheritance()
    {
        var classes = s_assemblies.SelectMany(a => a.GetTypes())
            .Where(t => t is { IsClass: true, IsAbstract: false } && t != typeof(Program) && !IsGenerated(t)).ToList();
        Assert.True(classes.Count > 150, "the search for classes finds too few");
        Assert.Empty(classes.Where(t => !t.IsSealed).Select(t => t.FullName));
    }

    [Fact]
    public void No_interface_has_a_single_implementation()
    {
        var types = s_assemblies.SelectMany(a => a.GetTypes()).Where(t => !IsGenerated(t)).ToList();
        Assert.Empty(types.Where(t => t.IsInterface && types.Count(other => !other.IsInterface && t.IsAssignableFrom(other)) <= 1).Select(t => t.FullName));
    }

    // What another project of src needs is public.
    [Fact]
    public void Internal_members_are_visible_to_test_projects_only()
    {
        var friends = s_assemblies.SelectMany(a => a.GetCustomAttributes<InternalsVisibleToAttribute>()).Select(friend => friend.AssemblyName).ToList();
        Assert.NotEmpty(friends);
        Assert.All(friends, name => Assert.True(Directory.Exists(Path.Combine(RepositoryFiles.Root, "tests", name)), name));
    }

    [Fact]
    public void Every_setting_is_in_the_manual()
    {
        var options = s_assemblies.SelectMany(a => a.GetTypes())
            .Where(t => t.Name.EndsWith("Options", StringComparison.Ordinal) && t.GetField("Section")?.IsLiteral == true).ToList();
        Assert.True(options.Count >= 5);
        var manual = ManualFiles.Read("Settings");
        var settings = options.SelectMany(t => t.GetProperties().Select(p => $"{t.GetField("Section")!.GetRawConstantValue()}__{p.Name}"));
        Assert.DoesNotContain(settings, s => !manual.Contains($"`{s}`", StringComparison.Ordinal));
    }

    private static bool IsGenerated(Type type) =>
        type.Name.Contains('<') || type.IsDefined(typeof(CompilerGeneratedAttribute), false) || (type.DeclaringType is { } outer && IsGenerated(outer))
        || type.Namespace?.StartsWith("System", StringComparison.Ordinal) == true || type.Namespace?.StartsWith("Microsoft", StringComparison.Ordinal) == true;
}
