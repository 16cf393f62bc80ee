using System.Text.Json.Serialization.Metadata;

using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Http.Json;

/// <summary>Says what a member of the wrong type should have been.</summary>
internal static class JsonExpectation
{
    private const int MaxMembers = 30;

    /// <summary>The error with what the type expects, if the serializer only said that the value does not fit.</summary>
    public static string Explain(FieldError error, Type type) => error.Detail != StrictJson.WrongType ? error.Detail
        : (Nullable.GetUnderlyingType(type) ?? type) switch
        {
            var t when t == typeof(string) => "must be a text, in double quotes",
            var t when t == typeof(bool) => "must be true or false, without quotes",
            var t when t == typeof(double) => "must be a number, without quotes, such as 0.38",
            var t when t == typeof(long) || t == typeof(int) => "must be a whole number, without quotes, such as 100",
            var t when t == typeof(DateOnly) => "must be a date such as 2026-11-23, in double quotes",
            _ => error.Detail,
        };

    /// <summary>The members that a sender may use, the required ones first.</summary>
    public static string MembersOf(JsonTypeInfo info)
    {
        string[] names = [.. info.Properties.Where(p => p.Set is not null || p.AssociatedParameter is not null).OrderByDescending(p => p.IsRequired)
            .Select(p => p.Name)];
        return string.Join(", ", names.Take(MaxMembers)) + (names.Length > MaxMembers ? ", …" : "");
    }
}
