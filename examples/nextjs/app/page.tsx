export default function Page() {
  return <p>POST an order to /api/orders. The dashboard is at /ops.</p>;
}
