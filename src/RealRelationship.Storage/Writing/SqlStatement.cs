using System.Collections.Concurrent;
using System.Data;
using System.Reflection;
using System.Text.RegularExpressions;

namespace RealRelationship.Storage.Writing;

/// <summary>A statement and the values of the parameters that it names: the properties of an object, as with Dapper.</summary>
internal sealed partial class SqlStatement
{
    private const string TenantParameter = "@tenant";

    private static readonly ConcurrentDictionary<(string Text, Type? Source), SqlText> s_texts = new(new SqlTextComparer());

    private readonly object? _source;
    private readonly string? _tenant;

    /// <param name="text">SQL that names parameters as <c>@Name</c>.</param>
    /// <param name="parameters">Has a property of each of those names.</param>
    /// <exception cref="InvalidOperationException">A property is missing, or no column can store its type.</exception>
    public SqlStatement(string text, object? parameters = null) =>
        (_source, Form) = (parameters, s_texts.GetOrAdd((text, parameters?.GetType()), static key => new(key.Text, FindAll(key.Text, key.Source))));

    private SqlStatement(string text, object? parameters, string tenant) : this(RequireTenantParameter(text), parameters) => _tenant = tenant;

    public string Text => Form.Text;

    /// <summary>The parameters, each once.</summary>
    public IReadOnlyList<SqlParameterInfo> Parameters => Form.Parameters;

    /// <summary>The text and its parameters: the same object for all statements that differ in values only.</summary>
    public SqlText Form { get; }

    /// <summary>A statement on the data of a tenant, whose <c>@tenant</c> has this value whatever the object says.</summary>
    /// <exception cref="InvalidOperationException">The statement does not name it.</exception>
    public static SqlStatement ForTenant(string tenant, string text, object? parameters) => new(text, parameters, tenant);

    /// <exception cref="InvalidOperationException">The statement does not name <c>@tenant</c>.</exception>
    public static string RequireTenantParameter(string text) => text.Contains(TenantParameter, StringComparison.Ordinal)
        ? text
        : throw new InvalidOperationException("A statement on site data names no tenant.");

    /// <summary>The value of a parameter; <see cref="DBNull"/> for null.</summary>
    public object ValueOf(SqlParameterInfo parameter) =>
        (parameter.Name == TenantParameter && _tenant is not null ? _tenant : parameter.Property?.GetValue(_source)) ?? DBNull.Value;

    private static SqlParameterInfo[] FindAll(string text, Type? source) =>
        [.. ParameterName().Matches(text).Select(match => match.Value).Distinct(StringComparer.Ordinal).Select(name => Find(name, source))];

    private static SqlParameterInfo Find(string name, Type? source) => source?.GetProperty(name[1..]) is { } property
        ? new(name, ColumnTypeOf(property), property)
        : name == TenantParameter ? new(name, DbType.String, null)
        : throw new InvalidOperationException($"The statement names {name}, but its parameters have no such property.");

    private static DbType ColumnTypeOf(PropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        return Type.GetTypeCode(type) switch
        {
            TypeCode.String => DbType.String,
            TypeCode.Int64 => DbType.Int64,
            TypeCode.Int32 => DbType.Int32,
            TypeCode.Double => DbType.Double,
            _ when type == typeof(byte[]) => DbType.Binary,
            _ => throw new InvalidOperationException($"No column stores a {type.Name}, which {property.Name} is."),
        };
    }

    [GeneratedRegex(@"@\w+", RegexOptions.None, 1000)]
    internal static partial Regex ParameterName();
}

/// <summary>What statements have in common that differ in their values only.</summary>
internal sealed class SqlText(string text, IReadOnlyList<SqlParameterInfo> parameters)
{
    public string Text => text;

    public IReadOnlyList<SqlParameterInfo> Parameters => parameters;
}

/// <summary>Compares texts whole, but hashes a few letters of them: they are long, few and mostly the same objects.</summary>
file sealed class SqlTextComparer : IEqualityComparer<(string Text, Type? Source)>
{
    private const int Samples = 16;

    public bool Equals((string Text, Type? Source) x, (string Text, Type? Source) y) => x.Source == y.Source && x.Text == y.Text;

    public int GetHashCode((string Text, Type? Source) key)
    {
        var hash = key.Text.Length + (key.Source?.GetHashCode() ?? 0);
        for (var i = 0; i < key.Text.Length; i += 1 + key.Text.Length / Samples)
        {
            hash = hash * 31 + key.Text[i];
        }

        return hash;
    }
}

/// <param name="Name">With its prefix.</param>
/// <param name="Type">Type of the column.</param>
/// <param name="Property">Where its value comes from; null for <c>@tenant</c> where the object has none.</param>
internal sealed record SqlParameterInfo(string Name, DbType Type, PropertyInfo? Property);
