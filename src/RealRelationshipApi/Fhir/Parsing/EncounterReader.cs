using System.Globalization;

using Hl7.Fhir.Model;

using RealRelationshipApi.Sessions;
using RealRelationshipApi.Sessions.Csv;
using RealRelationshipApi.Sessions.Sources;

namespace RealRelationshipApi.Fhir.Parsing;

/// <summary>Reads an Encounter whose patient and source system are known, for scores of its session that come in other messages.</summary>
internal static class EncounterReader
{
    /// <returns>What it says, the keys by which scores may refer to it, and its version; null if that is not enough to be kept.</returns>
    public static (SessionRequest Session, IReadOnlyList<string> Keys, long Version)? Read(ResourceReading entry, Encounter encounter)
    {
        // Its errors are no errors of the bundle: it may only be there to resolve references.
        var reading = new ResourceReading(entry.FhirPath, entry.BundleContext, entry.Intake, entry.ReceivedAt) { IsLenient = entry.IsLenient };
        var identifier = reading.ChooseIdentifier(encounter, encounter.Identifier);
        var sourceSystem = reading.SourceSystem(encounter, identifier, $"{reading.FhirPath}.identifier");
        var patient = reading.Resolve(encounter.Subject, $"{reading.FhirPath}.subject", "Patient");
        // One that was entered in error says nothing any more.
        var keys = encounter.Status == Encounter.EncounterStatus.EnteredInError ? new(null, null, null) : reading.ReadEncounter(encounter, reading.FhirPath);
        string[] sessions =
        [
            .. new[] { encounter.Id, reading.BundleContext.AddressOf(encounter) }.OfType<string>()
                .Concat(encounter.Identifier.Where(i => i.Value is not null).Select(i => ReferenceResolver.ToKey(i.System, i.Value!, null)))
                .Where(SourceKeyRules.IsKey).Distinct(StringComparer.Ordinal),
        ];
        return reading.Errors.Count > 0 || patient is null || sessions.Length == 0 || !SourceKeyRules.IsKey(patient.Key) || !SourceKeyRules.IsKey(sourceSystem)
            || !entry.Intake.Sender.MaySendFor(sourceSystem) ? null
            : (new SessionRequest { SourceSystem = sourceSystem, Patient = patient.Key, Encounter = keys, Measures = [] }, sessions,
                VersionOf(encounter, sourceSystem, entry));
    }

    // A number, otherwise the time of the last change or of receipt.
    private static long VersionOf(Encounter encounter, string sourceSystem, ResourceReading entry) =>
        entry.Intake.Sources.Find(sourceSystem)?.VersionOrder != VersionOrder.Timestamp
            && long.TryParse(encounter.Meta?.VersionId, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number
            : Math.Max(1, SessionCsvOptions.ToVersion(encounter.Meta?.LastUpdated ?? entry.ReceivedAt));
}
