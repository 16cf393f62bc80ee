namespace RealRelationshipApi.Fhir;

/// <summary>Preferences of the <c>Prefer</c> header (RFC 7240) that FHIR defines.</summary>
/// <param name="IsLenient">Whether names, texts and labels are dropped unread instead of rejected.</param>
/// <param name="IsMinimal">Whether a success has no body.</param>
internal sealed record FhirPreferences(bool IsLenient, bool IsMinimal)
{
    private static readonly string[] s_supported = ["handling=lenient", "handling=strict", "return=minimal", "return=operationoutcome"];

    /// <summary>Reads the preferences and confirms those that apply in <c>Preference-Applied</c>.</summary>
    public static FhirPreferences Apply(HttpContext context)
    {
        var given = context.Request.Headers["Prefer"].SelectMany(value => (value ?? "").Split([',', ';'])).Select(p => p.Trim().ToLowerInvariant()).ToList();
        string[] applied = [.. s_supported.Where(given.Contains)];
        if (applied.Length > 0)
        {
            context.Response.Headers["Preference-Applied"] =
                string.Join(", ", applied.Select(p => p == "return=operationoutcome" ? "return=OperationOutcome" : p));
        }

        return new(applied.Contains("handling=lenient"), applied.Contains("return=minimal"));
    }
}
